import { SHIPPED_LANGUAGES, type MessageKey } from "../../src/i18n.ts";
import { plainText } from "../../src/plain-text.ts";
import type { Topic } from "./changes.ts";
import { hiddenFields, noteBox, type Scene } from "./form.ts";
import { flag, view, type Markup } from "./markup.ts";
import type { Persona } from "./viewer.ts";

const PLACES = [
  { href: "/chat/work", key: "web.nav.work" },
  { href: "/chat/operators", key: "web.nav.operators" },
  { href: "/runs", key: "web.nav.runs" },
  { href: "/queue", key: "web.nav.queue" },
  { href: "/dead-letters", key: "web.nav.dead_letters" },
  { href: "/load", key: "web.nav.load" },
  { href: "/catalog", key: "web.nav.catalog" },
  { href: "/settings", key: "web.nav.settings" },
] as const satisfies readonly { href: string; key: MessageKey }[];

export interface PageParts {
  readonly title: string;
  readonly body: Markup;
  /** What the page is kept up to date about; nothing for pages that do not change. */
  readonly topics?: readonly Topic[];
  /** Chat uses the whole height; pages are read from the top. */
  readonly kind?: "chat" | "page";
}

/** A whole page: landmarks, navigation, who you are, and the one place where changes are announced. */
export function pageOf(scene: Scene, personas: readonly Persona[], parts: PageParts): Markup {
  const { words } = scene.viewer;
  const topics = (parts.topics ?? []).join(" ");
  const loose = scene.note?.about === undefined ? scene.note : undefined;
  return view`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${words.t("web.title", { page: plainText(parts.title) })}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/console.css">
<script src="/static/console.js" defer></script>
</head>
<body class="is-${parts.kind ?? "page"}" data-topics="${topics}" data-lost="${words.t("web.live.lost")}" data-unsent="${words.t("web.live.not_sent")}">
<a class="skip" href="#main">${words.t("web.skip")}</a>
<header class="bar">
  <a class="brand" href="/chat/work"><img src="/static/icon.svg" alt="" width="20" height="20"> Coxswain</a>
  <nav aria-label="${words.t("web.nav.label")}"><ul>${PLACES.map(
    ({ href, key }) =>
      view`<li><a href="${href}"${isHere(scene.path, href) ? view` aria-current="page"` : ""}>${words.t(key)}</a></li>`,
  )}</ul></nav>
  ${menu(scene, personas)}
</header>
<p class="unseen" id="announce" role="status" aria-live="polite"></p>
<p class="lost" id="lost" role="status"></p>
<main id="main" tabindex="-1">
${loose === undefined ? "" : noteBox(loose, words)}
${parts.body}
</main>
</body>
</html>`;
}

function isHere(path: string, href: string): boolean {
  return path === href || path.startsWith(`${href}/`) || path.startsWith(`${href}?`);
}

/** Who you are and in which language; a plain form, so that it works without scripts. */
function menu(scene: Scene, personas: readonly Persona[]): Markup {
  const { persona, words } = scene.viewer;
  return view`<details class="menu"><summary><span class="unseen">${words.t("web.menu.label")}: </span><span>${persona.name}</span></summary>
  <form method="post" action="/me">${hiddenFields(scene)}
    <fieldset><legend>${words.t("web.menu.persona")}</legend>${personas.map(
      (each) =>
        view`<label class="tick"><input type="radio" name="persona" value="${each.id}" ${flag(each.id === persona.id, "checked")}> ${each.name} <span class="muted">${roleWords(each, scene)}</span></label>`,
    )}</fieldset>
    <fieldset><legend>${words.t("web.menu.language")}</legend>${SHIPPED_LANGUAGES.map(
      (language) =>
        view`<label class="tick" lang="${language}"><input type="radio" name="language" value="${language}" ${flag(language === words.language, "checked")}> ${new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language}</label>`,
    )}</fieldset>
    <button class="primary">${words.t("web.menu.apply")}</button>
  </form></details>`;
}

function roleWords({ roles }: Persona, { viewer: { words } }: Scene): string {
  return roles.length === 0 ? words.t("web.role.none") : words.list(roles.map((role) => words.t(`web.role.${role}`)));
}
