import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { sameSecret } from "./session.ts";
import { cookieName, remember } from "./viewer.ts";

/** Why a request was not let in; each has a page of its own. */
export type Refusal = "foreign_host" | "foreign_page" | "no_session" | "stale_form";
export type RefusalPage = (c: Context, refusal: Refusal) => Response | Promise<Response>;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  // Not `no-referrer`: browsers then say `Origin: null` on our own forms, and we could not tell them from foreign ones.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;

export function secureHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  };
}

/**
 * Refuses what a page of somebody else could send here: a foreign host name that resolves to loopback (`Host`), a
 * foreign page (`Sec-Fetch-Site`, `Origin`). Other ports of this machine are foreign too.
 */
export function sameOriginOnly(refuse: RefusalPage): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header("host") ?? "";
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host)) return refuse(c, "foreign_host");
    const site = c.req.header("sec-fetch-site");
    const origin = c.req.header("origin");
    const foreignSite = site !== undefined && site !== "same-origin" && site !== "none";
    if (foreignSite || (origin !== undefined && origin !== `http://${host}`)) return refuse(c, "foreign_page");
    // A browser names the origin of every form; without it nothing says that the form was ours.
    if (c.req.method === "POST" && origin === undefined) return refuse(c, "foreign_page");
    return next();
  };
}

/** Lets in who has the cookie; the token of the printed address is exchanged for it, and leaves the address bar. */
export function signedInOnly(token: string, refuse: RefusalPage): MiddlewareHandler {
  return async (c, next) => {
    const offered = c.req.query("token");
    if (offered !== undefined && c.req.method === "GET") {
      if (!sameSecret(offered, token)) return refuse(c, "no_session");
      remember(c, "session", token);
      const url = new URL(c.req.url);
      url.searchParams.delete("token");
      return c.redirect(`${url.pathname}${url.search}`, 303);
    }
    return sameSecret(getCookie(c, cookieName(c, "session")), token) ? next() : refuse(c, "no_session");
  };
}
