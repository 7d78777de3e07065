import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { parseAccept } from "hono/utils/accept";
import type { Actor } from "../../src/contracts/id.ts";
import type { Role } from "../../src/contracts/role.ts";
import { FALLBACK_LANGUAGE, shippedLanguageFor, translatorFor, type Translator } from "../../src/i18n.ts";
import { SURFACE_NAME } from "./surface.ts";

/** Somebody whom people can be in the console, to try approvals and permissions alone. */
export interface Persona {
  readonly id: string;
  readonly name: string;
  /** What the settings give it; for the menu only, since the core decides who may do what. */
  readonly roles: readonly Role[];
}

/** Who looks at a page, and in which language. */
export interface Viewer {
  readonly persona: Persona;
  readonly words: Translator;
  /** The folder that a new run is about, unless the composer says another. */
  readonly workspace: string;
}

export interface ViewerDefaults {
  readonly personas: readonly Persona[];
  /** A language that the bot is set to; undefined: the browser's. */
  readonly language: string | undefined;
  readonly workspace: string;
}

type Remembered = "session" | "persona" | "language" | `workspace_${string}`;

/** Cookies know no ports: two consoles on one machine would otherwise share theirs. */
export function cookieName(c: Context, what: Remembered): string {
  return `coxswain_${what}_${new URL(c.req.url).port}`;
}

export function remember(c: Context, what: Remembered, value: string): void {
  const maxAge = 180 * 24 * 3600;
  setCookie(c, cookieName(c, what), value, { httpOnly: true, sameSite: "Strict", path: "/", maxAge });
}

/** Each persona has the folder that it wrote last: who is somebody else for a moment finds one's own again. */
export function rememberWorkspace(c: Context, { persona }: Viewer, workspace: string): void {
  remember(c, `workspace_${persona.id}`, workspace);
}

export function viewerOf(c: Context, defaults: ViewerDefaults): Viewer {
  const { personas } = defaults;
  const chosen = getCookie(c, cookieName(c, "persona"));
  const persona = personas.find(({ id }) => id === chosen) ?? personas[0];
  if (persona === undefined) throw new TypeError("a console without personas");
  return {
    persona,
    words: translatorFor(languageOf(c, defaults)),
    workspace: getCookie(c, cookieName(c, `workspace_${persona.id}`)) ?? defaults.workspace,
  };
}

export function actorOf({ persona }: Viewer): Actor {
  return { surface: SURFACE_NAME, user: persona.id, displayName: persona.name };
}

/** Chosen in the menu, else what the bot is set to, else what the browser asks for. */
function languageOf(c: Context, { language }: ViewerDefaults): string {
  const asked = parseAccept(c.req.header("accept-language") ?? "").map(({ type }) => type);
  const candidates = [getCookie(c, cookieName(c, "language")), language, ...asked];
  const served = candidates.map((tag) => (tag === undefined ? undefined : shippedLanguageFor(tag)));
  return served.find((tag) => tag !== undefined) ?? FALLBACK_LANGUAGE;
}
