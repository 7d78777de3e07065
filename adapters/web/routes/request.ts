import type { Context } from "hono";
import type { RouteOptions } from "../app.ts";
import type { Scene } from "../form.ts";
import { namesIn } from "../names.ts";
import { pageOf, type PageParts } from "../layout.ts";
import { sameSecret } from "../session.ts";
import { field, type Fields } from "../translate.ts";
import { actorOf, viewerOf } from "../viewer.ts";

/** What the parts of a page are given, from the request. */
export function sceneOf(
  c: Context,
  { formToken, notes, refusalOf, troubled, catalog, ...defaults }: RouteOptions,
): Scene {
  const url = new URL(c.req.url);
  const note = notes.get(url.searchParams.get("note") ?? undefined);
  url.searchParams.delete("note");
  const viewer = viewerOf(c, defaults);
  const by = actorOf(viewer);
  return {
    viewer,
    formToken,
    note,
    path: `${url.pathname}${url.search}`,
    mayNot: (kind, owner, about, option) => refusalOf(kind, by, owner, about, option),
    isTroubled: (runId) => troubled.has(runId),
    nameOf: namesIn(defaults.personas, catalog.macros, viewer.words),
  };
}

export async function showPage(c: Context, options: RouteOptions, scene: Scene, parts: PageParts): Promise<Response> {
  return c.html(await pageOf(scene, options.personas, parts));
}

/** A form of ours: its fields, the id of the click, and where to go back to. Undefined: not a form that we made. */
export interface Sent {
  readonly fields: Fields;
  readonly click: string;
  readonly back: string;
}

export async function sentForm(c: Context, formToken: string): Promise<Sent | undefined> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header("content-type") ?? "")) return undefined;
  const params = new URLSearchParams(await c.req.text());
  const fields: Fields = Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
  const click = field(fields, "click") ?? "";
  if (!sameSecret(field(fields, "form"), formToken) || !/^[0-9a-f-]{36}$/.test(click)) return undefined;
  return { fields, click, back: localPath(c, field(fields, "back")) };
}

/** Only a path of this console: a form must never send anybody elsewhere. */
function localPath(c: Context, back: string | undefined): string {
  const here = new URL(c.req.url).origin;
  const url = URL.parse(back ?? "/", here);
  return url?.origin === here ? `${url.pathname}${url.search}` : "/";
}

/** Back to the page, with what came of the click to be shown there. */
export function backWith(c: Context, back: string, note: string | undefined): Response {
  if (note === undefined) return c.redirect(back, 303);
  return c.redirect(`${back}${back.includes("?") ? "&" : "?"}note=${note}#note`, 303);
}

/** A page number from an address; 1 for anything else. */
export function pageNumber(c: Context): number {
  const page = Number(c.req.query("page") ?? "1");
  return Number.isSafeInteger(page) && page >= 1 && page <= 1_000_000 ? page : 1;
}
