import type { KnownBlock, PlanBlock, TaskCardBlock } from "@slack/types";
import type { NoticeCard } from "../../../src/contracts/card.ts";
import type { Translator } from "../../../src/i18n.ts";
import { shorten } from "../../../src/plain-text.ts";
import { actionButton, bullets, buttons, header, line, plain, rich, span } from "../blocks.ts";
import { LIMITS } from "../limits.ts";
import { blockPrefix, type Rendered } from "../rendered.ts";

/** `plan`: Slack's plan block with a task card a stage. `sections`: for workspaces whose clients do not show it. */
export type NoticeStyle = "plan" | "sections";

const STATUS = {
  pending: "pending",
  skipped: "pending",
  in_progress: "in_progress",
  waiting: "in_progress",
  completed: "complete",
  failed: "error",
} as const satisfies Record<NoticeCard["stages"][number]["state"], TaskCardBlock["status"]>;

const MARKS = {
  pending: "○",
  skipped: "–",
  in_progress: "◐",
  waiting: "◐",
  completed: "●",
  failed: "✕",
} as const satisfies Record<NoticeCard["stages"][number]["state"], string>;

/** So many workers are listed by name; the others are counted. */
const WORKERS_LISTED = 20;
const WORKER_CHARACTERS = 160;

/** Where the run is (G21): eight stages, the five lines, the workers. One message a run, edited in place. */
export function renderNotice(card: NoticeCard, style: NoticeStyle, words: Translator): Rendered {
  const id = blockPrefix("notice", card.version);
  const workers = workerLines(card, words);
  const stages = style === "plan" ? planBlocks(id, card, workers, words) : stageBlocks(id, card, workers, words);
  const lines = card.lines.map(({ label, value }) =>
    line(span(`${label}: `, "bold"), span(`${shorten(value, 600)}\n`)),
  );
  return {
    text: `${card.title} · ${card.lines[0]?.value ?? ""}`,
    blocks: [
      ...stages,
      rich(`${id}.lines`, ...lines),
      ...buttons(
        `${id}.actions`,
        card.actions.map((action) => actionButton(action, words)),
      ),
    ],
    isWhole: true,
  };
}

function planBlocks(id: string, card: NoticeCard, workers: readonly string[], words: Translator): KnownBlock[] {
  const tasks = card.stages.map(({ key, label, state, stateLabel }): TaskCardBlock => {
    const details = key === "execution" && workers.length > 0 ? rich(`${id}.workers`, bullets(workers)) : undefined;
    return {
      type: "task_card",
      task_id: `${id}.${key}`,
      title: plain(words.t("card.with_state", { name: label, state: stateLabel }), LIMITS.taskTitle).text,
      status: STATUS[state],
      ...(details === undefined ? {} : { details }),
    };
  });
  const plan: PlanBlock = {
    type: "plan",
    block_id: `${id}.plan`,
    title: plain(card.title, LIMITS.planTitle).text,
    tasks,
  };
  return [plan];
}

function stageBlocks(id: string, card: NoticeCard, workers: readonly string[], words: Translator): KnownBlock[] {
  const stages = card.stages.map(({ label, state, stateLabel }) =>
    line(span(`${MARKS[state]} ${words.t("card.with_state", { name: label, state: stateLabel })}\n`)),
  );
  return [
    header(`${id}.title`, card.title),
    rich(`${id}.stages`, ...stages),
    ...(workers.length === 0 ? [] : [rich(`${id}.workers`, bullets(workers))]),
  ];
}

function workerLines({ workers }: NoticeCard, words: Translator): string[] {
  const listed = workers.slice(0, WORKERS_LISTED).map(({ name, stateLabel, detail }) => {
    const text = words.t("card.with_state", { name, state: stateLabel });
    return shorten(detail === "" ? text : words.t("card.labelled", { label: text, value: detail }), WORKER_CHARACTERS);
  });
  const more = workers.length - listed.length;
  return more === 0 ? listed : [...listed, words.t("chat.more", { count: more })];
}
