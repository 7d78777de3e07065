import type { Dispatch } from "../../../src/contracts/dispatch.ts";
import type { Run } from "../../../src/contracts/run.ts";
import { STAGES, type StageKey } from "../../../src/contracts/stage.ts";
import type { Translator } from "../../../src/i18n.ts";
import { view, type Markup } from "../markup.ts";
import { tableOf } from "./parts.ts";

/** From when to when, in milliseconds since the epoch; `to` is open while it goes on. */
interface Span {
  readonly from: number;
  readonly to: number | undefined;
}

interface Row {
  readonly name: string;
  readonly detail: string;
  readonly state: string;
  readonly span: Span | undefined;
}

/** Stages and workers with when they began and how long they took. `names`: lanes as people read them. */
export function timeline(run: Run, names: ReadonlyMap<string, string>, words: Translator): Markup {
  const stages = STAGES.map(({ key, label }) => stageRow(run, key, label, words));
  const workers = run.dispatches.flatMap((dispatch) => workerRow(dispatch, names, words));
  const head = (["what", "state", "began", "took", "when"] as const).map((name) => words.t(`web.timeline.${name}`));
  const rows = (list: readonly Row[]): (Markup | string)[][] => list.map((row) => cellsOf(row, run, words));
  return view`<h3>${words.t("web.timeline.stages")}</h3>${tableOf(words.t("web.timeline.stages"), head, rows(stages))}
    ${workers.length === 0 ? "" : view`<h3>${words.t("web.timeline.workers")}</h3>${tableOf(words.t("web.timeline.workers"), head, rows(workers))}`}`;
}

function stageRow(run: Run, key: StageKey, name: string, words: Translator): Row {
  const stage = run.stages[key];
  switch (stage.status) {
    case "pending": {
      const skipped = stage.skipReason !== undefined;
      return {
        name,
        detail: "",
        state: words.t(skipped ? "state.stage.skipped" : "state.stage.pending"),
        span: undefined,
      };
    }
    case "in_progress":
      return {
        name,
        detail: "",
        state: words.t("state.stage.in_progress"),
        span: { from: stage.startedAt, to: undefined },
      };
    case "completed": {
      const span = { from: stage.startedAt, to: stage.completedAt };
      return { name, detail: "", state: words.t("state.stage.completed"), span };
    }
  }
}

/** What workers did; the stages' own work is in the table of stages. */
function workerRow(dispatch: Dispatch, names: ReadonlyMap<string, string>, words: Translator): Row[] {
  const { work, attempt } = dispatch;
  if (work.kind === "stage") return [];
  const lane = names.get(work.laneId) ?? work.laneId;
  return [
    {
      name: work.kind === "check" ? words.t("web.timeline.check", { lane }) : lane,
      detail: words.t("web.timeline.detail", { agent: dispatch.agent, attempt }),
      state: words.t(`web.dispatch.${dispatch.status}`),
      span: spanOf(dispatch),
    },
  ];
}

function spanOf(dispatch: Dispatch): Span | undefined {
  switch (dispatch.status) {
    case "queued":
      return undefined;
    case "started":
      return { from: dispatch.startedAt, to: undefined };
    case "canceled":
    case "blocked":
      return { from: dispatch.queuedAt, to: dispatch.endedAt };
    case "succeeded":
    case "failed":
    case "outcome_unknown":
      return { from: dispatch.startedAt, to: dispatch.endedAt };
  }
}

function cellsOf({ name, detail, state, span }: Row, run: Run, words: Translator): (Markup | string)[] {
  const began =
    span === undefined ? "" : words.t("web.timeline.after", { duration: words.duration(span.from - run.startedAt) });
  const took = span?.to === undefined ? "" : words.duration(span.to - span.from);
  return [
    view`${name}${detail === "" ? "" : view`<span class="muted">${detail}</span>`}`,
    state,
    began,
    took,
    bar(span, run),
  ];
}

/** In percent: something that has just begun must be seen. */
const LEAST_WIDTH = 1.5;

/** A picture of what the columns say; drawn with attributes, since inline styles are refused. */
function bar(span: Span | undefined, run: Run): Markup {
  const whole = Math.max(1, run.updatedAt - run.startedAt);
  const at = (instant: number): number => Math.min(100, Math.max(0, ((instant - run.startedAt) / whole) * 100));
  const from = span === undefined ? 0 : at(span.from);
  const width = span === undefined ? 0 : Math.max(LEAST_WIDTH, at(span.to ?? run.updatedAt) - from);
  return view`<svg class="course" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="6"></rect>${span === undefined ? "" : view`<rect class="span" x="${Math.min(from, 100 - width)}" width="${width}" height="6"></rect>`}</svg>`;
}
