import { ComponentType } from "discord.js";
import type { NoticeCard } from "../../../src/contracts/card.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { escaped } from "../escape.ts";
import { sheetsOf, textBlocks, type Sheet } from "../sheet.ts";
import { actionRows, COLOURS, relative, titleBlock } from "./parts.ts";

type StageState = NoticeCard["stages"][number]["state"];

const MARKS = {
  pending: "▫️",
  in_progress: "▶️",
  waiting: "⏸️",
  completed: "✅",
  skipped: "➖",
  failed: "❌",
} as const satisfies Record<StageState, string>;

/** Where the run is (G21): the lines of the notice, the eight stages, the workers. One message, edited in place. */
export function noticeSheets(card: NoticeCard): Sheet[] {
  const words = translatorFor(card.language);
  const lines = card.lines.map(({ label, value }) => `**${escaped(label)}** ${escaped(value)}`);
  const stages = card.stages.map(
    ({ label, state, stateLabel }) =>
      `${MARKS[state]} ${escaped(words.t("card.with_state", { name: label, state: stateLabel }))}`,
  );
  const workers = card.workers.map(({ name, stateLabel, detail }) => {
    const text = words.t("card.with_state", { name, state: stateLabel });
    return `- ${escaped(detail === "" ? text : words.t("card.labelled", { label: text, value: detail }))}`;
  });
  const times = words.t("discord.notice.times", {
    started: relative(card.startedAt),
    updated: relative(card.updatedAt),
  });
  return sheetsOf(
    [
      ...titleBlock(card.title),
      ...textBlocks(lines.join("\n")),
      [{ type: ComponentType.Separator }],
      ...textBlocks(stages.join("\n")),
      ...textBlocks(workers.join("\n")),
      ...textBlocks(`-# ${times}`),
      ...actionRows(card.actions),
    ],
    colourOf(card),
  );
}

function colourOf({ stages, actions }: NoticeCard): number {
  const states = new Set(stages.map(({ state }) => state));
  if (states.has("failed")) return COLOURS.bad;
  if (states.has("waiting")) return COLOURS.waiting;
  // A run that can be stopped is still under way.
  if (actions.length > 0) return COLOURS.working;
  return states.has("pending") || states.has("in_progress") ? COLOURS.muted : COLOURS.good;
}
