import type { MessageKey, Translator } from "../../../src/i18n.ts";
import { view, type Markup } from "../markup.ts";

export type Problem =
  "foreign_host" | "foreign_page" | "no_session" | "stale_form" | "too_large" | "not_found" | "unknown" | "failed";

export const PROBLEM_STATUS = {
  foreign_host: 403,
  foreign_page: 403,
  no_session: 401,
  stale_form: 403,
  too_large: 413,
  not_found: 404,
  unknown: 400,
  failed: 500,
} as const satisfies Record<Problem, number>;

/** A page that says what went wrong and what to do; it shows nothing of the bot, since nobody may be signed in. */
export function problemPage(problem: Problem, words: Translator): Markup {
  const title = words.t(`web.problem.${problem}.title` satisfies MessageKey);
  return view`<!doctype html>
<html lang="${words.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${words.t("web.title", { page: title })}</title><link rel="stylesheet" href="/static/console.css"></head>
<body class="is-problem"><main id="main"><h1>${title}</h1><p>${words.t(`web.problem.${problem}.todo`)}</p>${problem === "no_session" || problem === "foreign_host" ? "" : view`<p><a class="button normal" href="/">${words.t("web.problem.home")}</a></p>`}</main></body></html>`;
}
