import type { DeadLetterCard, ResultCard } from "../../../src/contracts/card.ts";
import { decodeToken } from "../../../src/commands/token.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { hiddenFields, type Scene } from "../form.ts";
import { flag, view, type Markup } from "../markup.ts";
import { CHANGED_FIELD } from "../translate.ts";
import { argumentControl } from "./argument-control.ts";
import { fileList } from "../file-list.ts";
import { askedTwice } from "./asked-twice.ts";
import { forReader, inReadersLanguage, type Pressing } from "./pressing.ts";
import { sectionBlocks } from "./sections.ts";

/** How a run ended: headline, findings by severity, what was done, the files. */
export function resultBody(card: ResultCard, scene: Scene): Markup {
  const words = translatorFor(card.language);
  const findings = card.findings.map(
    ({ severity, severityLabel, place, text }) =>
      view`<li data-severity="${severity}"><span class="badge">${severityLabel}</span> ${place === null ? "" : view`<code>${place}</code> `}<span>${text}</span></li>`,
  );
  const further =
    card.furtherFindings === 0
      ? ""
      : view`<p><a href="/runs/${card.runId}#findings">${words.t("result.further", { count: card.furtherFindings })}</a></p>`;
  return view`
    <p class="headline">${card.headline}</p>
    ${findings.length === 0 ? "" : view`<h3>${words.t("result.section.findings")}</h3><ul class="findings">${findings}</ul>${further}`}
    ${card.files.length === 0 ? "" : view`<h3>${words.t("result.section.files")}</h3>${fileList(card.runId, card.files, scene.viewer.words)}`}
    ${sectionBlocks(card.sections)}`;
}

/** What failed for good, and the ways out; none on a handled letter. */
export function deadLetterBody(card: DeadLetterCard, pressing: Pressing): Markup {
  const { words } = pressing.scene.viewer;
  const reason = view`<label>${words.t("web.card.reason")}<textarea name="reason" rows="2" required maxlength="1000"></textarea></label>`;
  return view`
    <p class="headline">${card.headline}</p>
    ${card.handled === null ? "" : view`<p class="resolved">${card.handled}</p>`}
    ${sectionBlocks(card.sections, codeLine(card))}
    <div class="buttons">${card.actions.map((action) => {
      const meant = decodeToken(action.token);
      const discards = meant.kind === "action" && meant.button.action === "dead_letter.discard";
      return askedTwice(action, pressing, discards ? reason : "");
    })}</div>
    ${changedRetry(card, pressing)}`;
}

function codeLine({ code, language }: DeadLetterCard): string | undefined {
  return code === undefined ? undefined : translatorFor(language).t("dead_letter.code", { code });
}

/** The same retry, with other arguments; they are checked where those of a start are. */
function changedRetry(card: DeadLetterCard, pressing: Pressing): Markup | string {
  const { scene, why } = pressing;
  const [own, words] = [scene.viewer.words, translatorFor(card.language)];
  const retry = card.actions.find(({ style }) => style === "primary");
  if (card.args.length === 0 || retry === undefined || why(retry.token) !== undefined) return "";
  const { note } = scene;
  const sent = note?.about === card.runId && CHANGED_FIELD in note.values ? note.values : {};
  const controls = card.args.map((argument) => argumentControl(`letter-${card.runId}`, argument, sent, words));
  return view`<details class="retry-with" ${flag(Object.keys(sent).length > 0, "open")}><summary${inReadersLanguage(pressing)}>${own.t("web.dead.with_args")}</summary>
    <form method="post" action="/act">${hiddenFields(scene)}<input type="hidden" name="run" value="${card.runId}"><input type="hidden" name="${CHANGED_FIELD}" value="yes">
      <fieldset class="args"><legend>${words.t("decision.args_resolved")}</legend>${controls}</fieldset>
      <div class="buttons"${inReadersLanguage(pressing)}><button name="token" value="${retry.token}" class="primary">${forReader(retry, pressing).label}</button></div>
    </form></details>`;
}
