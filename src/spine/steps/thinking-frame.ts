import { resolveAnswers } from "../../commands/answers.ts";
import { visibleQuestions } from "../../commands/visible-questions.ts";
import type { Answers, OpenDecision, Question } from "../../contracts/decision.ts";
import type { CapabilityGapPacket, PreDecisionOptionFrame } from "../../contracts/packets/thinking.ts";
import type { Text } from "../../contracts/text.ts";
import { GateError } from "../../errors.ts";
import { runScopedSkills } from "../../governance/artisan.ts";
import { consult, openSession } from "../../governance/consult.ts";
import { boundaryNotes } from "../../governance/genesis.ts";
import { lastScars } from "../../governance/librarian.ts";
import { judgeChoiceGate, judgeOptions } from "../../governance/prism.ts";
import { scopeOf } from "../../governance/sentinel.ts";
import { judgeGate } from "../../governance/warden.ts";
import { keyed } from "../../i18n.ts";
import { candidatePaths, PATH_OF_SCOPE } from "../candidate-paths.ts";
import { cardContext, lastTime } from "../card-context.ts";
import { goAheadWords } from "../go-ahead.ts";
import { buildOptionFrame, editableArguments, type OptionFrame } from "../option-frame.ts";
import { applyPresets, type PresetResult } from "../preset-answers.ts";
import { nextDecisionId } from "../run-changes.ts";
import { factsOf, type RunFacts } from "../run-facts.ts";
import type { StepInput, StepResult } from "../step.ts";

type Skip = NonNullable<PreDecisionOptionFrame["choiceGateSkip"]>;

/**
 * Thinking, first half: candidate paths and the one confirmation (G4–G8, G20), made from macro and evidence.
 * Nothing is planned for dispatch yet (G32). Throws `gate.option_quality` where the options are not fit to be
 * asked: that is a mistake of ours or of a macro, never shown to people as a question.
 */
export function thinkingFrameStep(input: StepInput): StepResult<"thinking.framed"> {
  const { run } = input;
  const session = openSession("thinking", input.at);
  const facts = factsOf(input);
  const searches = facts.packet.capabilitySearches;
  consult(session, "meta-genesis", "check whether the owners fit", () => boundaryNotes(searches));
  consult(session, "meta-artisan", "select skills for this run", () => searches.flatMap(runScopedSkills));
  consult(session, "meta-sentinel", "set read and write scope", () =>
    scopeOf(
      run.task.workspace,
      facts.lanes.map(({ lane }) => lane),
      false,
    ),
  );

  const frame = consult(session, "meta-conductor", "frame the options", () =>
    buildOptionFrame(facts, run.task.presetAnswers ?? {}),
  );
  const preset = applyPresets(frame.questions, run.task.presetAnswers ?? {});
  const recommendedPath = recommendedPathOf(frame.questions);
  const paths = candidatePaths(facts, recommendedPath);
  const skip = skipOf(input, preset);
  const remarks = consult(
    session,
    "meta-prism",
    "judge the options and whether to ask",
    () => remarksOn(input, preset, frame, skip),
    (found) => found.length > 0,
  );
  const verdict = consult(session, "meta-warden", "pass the option frame", () =>
    judgeGate([{ check: "option quality", passed: remarks.length === 0, detail: remarks.join("; ") }]),
  );
  if (verdict === "FAIL") {
    throw new GateError("gate.option_quality", `The options are not good enough to ask: ${remarks.join("; ")}`);
  }

  const decision: OpenDecision = {
    status: "open",
    decisionId: nextDecisionId(run),
    kind: "execution_confirmation",
    openedAt: input.at,
    context: cardContext(facts, paths, [
      ...lastTime(lastScars(facts.macro.id, input.scars, input.at)),
      ...preset.lines,
      ...frame.assumed.map(assumedLine),
    ]),
    questions: preset.questions,
    args: editableArguments(facts),
  };
  return {
    kind: "thinking.framed",
    invocations: session.invocations,
    packets: {
      preDecisionOptionFrame: {
        candidatePaths: paths,
        recommendedPath,
        userChoiceRequired: skip === null,
        choiceGateSkip: skip,
        quality: { passed: true, remarks: frame.dropped.map(({ id, reason }) => `"${id}" is not asked: ${reason}`) },
      },
      ...gapOf(facts),
      ...assumptionsOf(input, skip, frame),
    },
    decision,
    ...(skip === null ? {} : { standing: { answers: recommendedAnswers(decision.questions), args: facts.givenArgs } }),
  };
}

/** The path that the recommended scope walks; the whole where no scope is asked. */
function recommendedPathOf(questions: readonly Question[]): string {
  const scope = questions.find((question) => question.id === "scope");
  const option = scope?.options.find((candidate) => candidate.recommended)?.id;
  return option === "essential" || option === "quick" ? PATH_OF_SCOPE[option] : PATH_OF_SCOPE.everything;
}

/** Why nobody has to be asked (G8); null where somebody has. An unusable advance answer is never replaced by ours. */
function skipOf({ run }: StepInput, preset: PresetResult): Skip | null {
  if (preset.unusable) return null;
  const words = goAheadWords(run.task.goal);
  if (words !== undefined) return { reason: "user_said_so", detail: `the goal says "${words}"` };
  if (run.task.answers === "recommended") {
    return { reason: "user_said_so", detail: "the start asked for the recommended answers" };
  }
  return answeredInAdvance(run.task.presetAnswers ?? {}, preset.questions)
    ? { reason: "user_said_so", detail: "answered in advance" }
    : null;
}

function answeredInAdvance(presets: Answers, questions: readonly Question[]): boolean {
  return visibleQuestions(questions, presets).every((question) => question.id in presets);
}

function remarksOn(input: StepInput, preset: PresetResult, frame: OptionFrame, skip: Skip | null): string[] {
  const { task } = input.run;
  const gate = judgeChoiceGate(
    { userChoiceRequired: skip === null, choiceGateSkip: skip },
    {
      standingInstruction: task.answers === "recommended" || goAheadWords(task.goal) !== undefined,
      answeredInAdvance: answeredInAdvance(task.presetAnswers ?? {}, preset.questions),
    },
  );
  return [...judgeOptions(preset.questions, frame.signatures), ...(gate === undefined ? [] : [gate])];
}

/** The recommended answers, held against the card like a person's. */
function recommendedAnswers(questions: Question[]): Answers {
  const resolved = resolveAnswers({ questions, args: {} }, "recommended", {});
  if (resolved.ok) return resolved.answers;
  throw new GateError("gate.option_quality", `The recommended answers cannot be given (${resolved.code}).`);
}

/** Lanes that nobody can do; resolved when the card that says so is answered (G26). */
function gapOf({ omitted }: RunFacts): { capabilityGapPacket?: CapabilityGapPacket } {
  const missing = omitted.filter((entry) => entry.gap).map((entry) => entry.lane.id);
  if (missing.length === 0) return {};
  const reason = "no execution agent offers what these lanes need; the card names them as left out";
  return { capabilityGapPacket: { gapType: "owner_creation_required", missing, resolutionAction: null, reason } };
}

/** A left-out question is an assumption, and recorded as one (G8). */
function assumptionsOf({ run }: StepInput, skip: Skip | null, { assumed }: OptionFrame) {
  const { intentGatePacket } = run.packets;
  if (intentGatePacket === undefined || (skip === null && assumed.length === 0)) return {};
  const defaultAssumptions = [
    ...intentGatePacket.defaultAssumptions,
    ...assumed.map(({ id }) => `"${id}" was not asked, since the card was full: its default holds`),
    ...(skip === null ? [] : [`nobody was asked before Execution: ${skip.detail}`]),
  ];
  const clarity = skip === null ? intentGatePacket.clarity : ("assumed" as const);
  return { intentGatePacket: { ...intentGatePacket, clarity, defaultAssumptions } };
}

function assumedLine({ title, option }: OptionFrame["assumed"][number]): Text {
  return keyed("context.additions.not_asked", { question: title, option });
}
