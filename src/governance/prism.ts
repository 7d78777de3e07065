import { QUESTIONS_A_CARD, type DecisionOption, type Question } from "../contracts/decision.ts";
import type { TextSearch, WorkspaceEvidence } from "../contracts/evidence.ts";
import type { Evidence } from "../contracts/finding.ts";
import type { CapabilitySearch, ContentEvidencePacket } from "../contracts/packets/fetch.ts";
import type { PreDecisionOptionFrame } from "../contracts/packets/thinking.ts";
import { counted } from "../contracts/text.ts";

/** meta-prism: is what we say good enough to be said (G7, G16)? It judges, and looks for nothing itself. */

/** Is there enough to plan on: something to look at, and somebody who can do at least one practical lane? */
export function judgeEvidence(
  evidence: WorkspaceEvidence,
  searches: readonly CapabilitySearch[],
  practicalLanes: readonly string[],
): ContentEvidencePacket["sufficiency"] {
  if (evidence.trackedFiles === 0)
    return { enough: false, reason: `there are no files to look at in ${evidence.root}` };
  const owned = searches.filter((search) => search.selected !== null && practicalLanes.includes(search.laneId));
  if (owned.length === 0) {
    const missing = searches.filter((search) => search.selected === null).map((search) => search.laneId);
    return {
      enough: false,
      reason: `no part of the work is both practical here and owned by an execution agent (without owner: ${missing.join(", ") || "none"})`,
    };
  }
  return {
    enough: true,
    reason: `${counted(evidence.trackedFiles, "file")} seen, ${owned.length} of ${searches.length} parts of the work are practical and have an owner`,
  };
}

/** A search that was carried out is an answer, also where nothing was found; how far it went is part of it. */
export function judgeLookup(found: TextSearch, files: number): ContentEvidencePacket["sufficiency"] {
  const complete = found.cut ? "the search was cut short, and the answer says so" : "the search was complete";
  return {
    enough: true,
    reason: `${counted(found.total, "line")} with the text; ${counted(files, "file")} seen; ${complete}`,
  };
}

const FEWEST_QUESTIONS = 4;
const FIELDS = ["label", "changes", "solves", "result", "advantages", "disadvantages"] as const;

/** What choosing an option would do, in a form that can be compared; made by applying it to the plan. */
export type EffectSignatures = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The option quality standard (G7), in remarks; none where the card is good enough to ask. */
export function judgeOptions(questions: readonly Question[], signatures: EffectSignatures): string[] {
  return [
    ...questions.flatMap((question) => effectRemarks(question, signatures.get(question.id) ?? new Map())),
    ...judgeCard(questions),
  ];
}

/** As much of it as the confirmation itself shows: how much is asked, and what can be chosen. */
export function judgeCard(questions: readonly Question[]): string[] {
  const remarks = questions.flatMap(remarksOn);
  return questions.length < FEWEST_QUESTIONS || questions.length > QUESTIONS_A_CARD
    ? [...remarks, `the card has ${questions.length} questions, not ${FEWEST_QUESTIONS} to ${QUESTIONS_A_CARD}`]
    : remarks;
}

function effectRemarks({ id, options }: Question, signatures: ReadonlyMap<string, string>): string[] {
  const viable = options.filter((option) => option.rejectedBecause === undefined);
  const effects = viable.map((option) => signatures.get(option.id));
  return [
    effects.includes(undefined) && "an option has no effect on the plan",
    new Set(effects).size !== effects.length && "two options change the plan in the same way",
  ].flatMap((remark) => (remark === false ? [] : [`${id}: ${remark}`]));
}

function remarksOn(question: Question): string[] {
  const viable = question.options.filter((option) => option.rejectedBecause === undefined);
  const recommended = question.options.filter((option) => option.recommended);
  return [
    (question.options.length < 3 || question.options.length > 4) && `${question.options.length} options, not 3 or 4`,
    viable.length < 2 && "fewer than 2 options that can be chosen",
    recommended.length !== 1 && `${recommended.length} options are recommended, not 1`,
    recommended.some((option) => option.recommendedBecause === undefined) && "the recommendation has no reason",
    recommended.some((option) => option.rejectedBecause !== undefined) && "a rejected option is recommended",
    ...question.options.map(fieldRemark),
  ].flatMap((remark) => (remark === false ? [] : [`${question.id}: ${remark}`]));
}

/** The five fields and the label are there, and no two of them say the same. */
function fieldRemark(option: DecisionOption): string | false {
  const texts = FIELDS.map((field) => JSON.stringify(option[field]));
  return new Set(texts).size !== texts.length && `option ${option.id} says the same in two fields`;
}

/** Was it right to ask, or to leave the question out (G8)? Undefined where it was. */
export function judgeChoiceGate(
  frame: Pick<PreDecisionOptionFrame, "userChoiceRequired" | "choiceGateSkip">,
  said: { readonly standingInstruction: boolean; readonly answeredInAdvance: boolean; readonly queryBypass?: boolean },
): string | undefined {
  const mayskip = said.standingInstruction || said.answeredInAdvance || said.queryBypass === true;
  if (frame.choiceGateSkip === null) return frame.userChoiceRequired ? undefined : "nobody is asked, without a reason";
  if (frame.userChoiceRequired) return "the question is left out although an answer is needed";
  return mayskip ? undefined : "the question is left out although nobody said so";
}

/** A claim about the workspace stands on something that was run, read or counted. */
export function isBacked(evidence: readonly Evidence[]): boolean {
  return evidence.some((item) => {
    switch (item.kind) {
      case "command":
        return item.exitCode !== null;
      case "file":
      case "artifact":
        return item.path !== "";
      case "measure":
        return Number.isFinite(item.value);
    }
  });
}

/** Ids of findings that claim something without evidence. */
export function unbackedClaims(findings: readonly { id: string; evidence: readonly Evidence[] }[]): string[] {
  return findings.filter((finding) => !isBacked(finding.evidence)).map((finding) => finding.id);
}
