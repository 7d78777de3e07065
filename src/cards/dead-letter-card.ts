import type { CardArgument, DeadLetterCard } from "../contracts/card.ts";
import type { Evidence } from "../contracts/finding.ts";
import type { Run } from "../contracts/run.ts";
import { stageOf } from "../contracts/stage.ts";
import { argumentsOfRun } from "../commands/arguments-in-force.ts";
import { encodeToken } from "../commands/token.ts";
import type { Translator } from "../i18n.ts";
import { plainTranslator } from "../plain-text.ts";
import { cardTask, titleIn } from "./card-task.ts";
import { actorName, cardArguments } from "./decision-card.ts";
import { evidenceLine } from "./evidence-words.ts";
import { argumentWords } from "./fallback.ts";
import { laneName, lanesInOrder } from "./lane-words.ts";
import { checkWords, failureOf } from "./outcome-words.ts";

/** What failed for good, where, on which evidence, after how many attempts, and the ways out. */
export function deadLetterCard(run: Run, translator: Translator): DeadLetterCard {
  const words = plainTranslator(translator);
  const failure = failureOf(run);
  const open = run.status.kind === "dead_letter";
  const sections: DeadLetterCard["sections"] = [
    { heading: words.t("dead_letter.section.what"), lines: failure === undefined ? [] : [words.say(failure.text)] },
    { heading: words.t("dead_letter.section.where"), lines: placeLines(run, words) },
    {
      heading: words.t("dead_letter.section.evidence"),
      lines: (failure?.evidence ?? []).map((evidence) => evidenceWords(run, evidence, words)),
    },
    { heading: words.t("dead_letter.section.attempts"), lines: attemptLines(run, words) },
    { heading: words.t("dead_letter.section.inputs"), lines: inputLines(run, words) },
    { heading: words.t("dead_letter.section.ways_out"), lines: open ? wayOutLines(run, words) : [] },
  ];
  return {
    kind: "dead_letter",
    runId: run.runId,
    language: words.language,
    version: run.version,
    task: cardTask(run),
    ...(run.status.kind === "dead_letter" && { code: run.status.failure.code }),
    title: titleIn(run, words.t("dead_letter.title", { goal: run.task.goal }), words),
    headline: words.t(open ? "dead_letter.headline" : "dead_letter.headline_handled"),
    sections: sections.filter(({ lines }) => lines.length > 0),
    args: open ? changeableArguments(run, words) : [],
    actions: open ? actions(run, words) : [],
    handled: handledBy(run, words),
  };
}

/** Evidence of a check has the ids of lane and check as its name, which tell nobody anything. */
function evidenceWords(run: Run, evidence: Evidence, words: Translator): string {
  if (evidence.kind !== "measure" || evidence.unit !== "round") return evidenceLine(evidence, words);
  const [laneId = "", stepId = ""] = evidence.name.split("/");
  const check = checkWords(run, { laneId, stepId }, words);
  return words.t("dead_letter.check", { lane: laneName(run, laneId, words), check, round: evidence.value });
}

function placeLines(run: Run, words: Translator): string[] {
  const stage = run.status.kind === "dead_letter" ? run.status.stage : run.stage;
  const failed = lanesInOrder(run).filter((laneId) => run.lanes[laneId]?.status === "failed");
  return [
    words.t("dead_letter.stage", { stage: stageOf(stage).label }),
    ...(run.status.kind === "dead_letter" ? [words.t("dead_letter.code", { code: run.status.failure.code })] : []),
    ...failed.map((laneId) => words.t("dead_letter.lane", { lane: laneName(run, laneId, words) })),
  ];
}

function attemptLines(run: Run, words: Translator): string[] {
  const failed = lanesInOrder(run).flatMap((laneId) => {
    const lane = run.lanes[laneId];
    if (lane?.status !== "failed" || lane.attempts === 0) return [];
    return [words.t("dead_letter.attempts", { lane: laneName(run, laneId, words), count: lane.attempts })];
  });
  return run.redrives === 0 ? failed : [...failed, redriveWords(run, "dead_letter.redrives", words)];
}

function inputs(run: Run, words: Translator): CardArgument[] {
  const confirmed = run.decisions.findLast(({ kind }) => kind === "execution_confirmation");
  return confirmed === undefined ? [] : cardArguments(run, confirmed, argumentsOfRun(run), words);
}

function inputLines(run: Run, words: Translator): string[] {
  return [
    words.t("card.labelled", { label: words.t("dead_letter.workspace"), value: run.task.workspace }),
    ...inputs(run, words).map((argument) =>
      words.t("card.labelled", { label: argument.label, value: argumentWords(argument, argument.value, words) }),
    ),
  ];
}

/** Which parts run was decided on the card, and a change that was made stands: neither is for a retry to alter. */
function changeableArguments(run: Run, words: Translator): CardArgument[] {
  return run.change !== undefined ? [] : inputs(run, words).filter(({ definition }) => definition.type !== "lanes");
}

function wayOutLines(run: Run, words: Translator): string[] {
  const kept = lanesInOrder(run)
    .filter((laneId) => run.lanes[laneId]?.status === "succeeded")
    .map((laneId) => laneName(run, laneId, words));
  return [
    kept.length === 0
      ? words.t("dead_letter.way_out.retry")
      : words.t("dead_letter.way_out.retry_keeps", { lanes: words.list(kept) }),
    words.t("dead_letter.way_out.inspect"),
    words.t("dead_letter.way_out.discard"),
  ];
}

function actions({ runId }: Run, words: Translator): DeadLetterCard["actions"] {
  return [
    {
      token: encodeToken({ action: "dead_letter.retry", runId }),
      label: words.t("card.action.retry"),
      style: "primary",
    },
    {
      token: encodeToken({ action: "dead_letter.inspect", runId }),
      label: words.t("card.action.inspect"),
      style: "normal",
    },
    {
      token: encodeToken({ action: "dead_letter.discard", runId }),
      label: words.t("card.action.discard"),
      style: "danger",
      confirm: words.t("card.action.discard_confirm"),
    },
  ];
}

/** Who sent it back the last time, as far as that was noted. */
function redriveWords({ redrives, redriven }: Run, key: RedriveKey, words: Translator): string {
  if (redriven === undefined) return words.t(key, { count: redrives });
  const who = actorName(redriven.by);
  const said = words.t(`${key}_by`, { count: redrives, who, when: words.dateTime(redriven.at) });
  return redriven.macro === undefined ? said : `${said}. ${words.t(`redrive.macro.${redriven.macro}`)}`;
}

type RedriveKey = "dead_letter.redrives" | "dead_letter.handled.retried";

function handledBy(run: Run, words: Translator): string | null {
  const { status, redrives } = run;
  switch (status.kind) {
    case "dead_letter":
      return null;
    case "discarded":
      return words.t("dead_letter.handled.discarded", {
        who: actorName(status.discardedBy),
        when: words.dateTime(status.discardedAt),
        reason: status.reason,
      });
    case "active":
    case "waiting":
    case "completed":
    case "canceled":
    case "refused":
      return redrives === 0 ? null : redriveWords(run, "dead_letter.handled.retried", words);
  }
}
