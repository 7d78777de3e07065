import type { NoticeCard } from "../../../src/contracts/card.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { view, type Markup } from "../markup.ts";
import { askedTwice } from "./asked-twice.ts";
import type { Pressing } from "./pressing.ts";

/** Where the run is now: the lines of the protocol, the eight stages with their state in words, the workers. */
export function noticeBody(card: NoticeCard, pressing: Pressing): Markup {
  const words = translatorFor(card.language);
  const workers = card.workers.map(
    ({ laneId, name, state, stateLabel, detail }) =>
      view`<li class="worker" data-state="${state}"><span class="worker-name">${name}</span> <span class="state">${stateLabel}</span> <span class="muted" data-progress="${laneId}">${detail}</span></li>`,
  );
  // The protocol's percent counts the stage that is under way as if it were done.
  const walked = card.stages.filter(({ state }) => state !== "skipped");
  const done = walked.filter(({ state }) => state === "completed").length;
  return view`
    <div class="percent"><progress max="${walked.length}" value="${done}" aria-label="${words.t("web.card.progress")}"></progress><span>${words.t("web.card.stages_done", { done, total: walked.length })}</span></div>
    <ol class="stages" aria-label="${words.t("notice.stages")}">${card.stages.map(
      ({ label, state, stateLabel }) =>
        view`<li data-state="${state}"><span class="stage-name">${label}</span> <span class="state">${stateLabel}</span></li>`,
    )}</ol>
    <dl class="lines">${card.lines.map(({ label, value }) => view`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
    ${workers.length === 0 ? "" : view`<h3>${words.t("web.card.workers")}</h3><ul class="workers">${workers}</ul>`}
    ${card.actions.map((action) => askedTwice(action, pressing))}`;
}
