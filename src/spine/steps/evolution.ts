import type { Run } from "../../contracts/run.ts";
import { decideWriteback, type EvolutionSignals } from "../../governance/chrysalis.ts";
import { consult, openSession } from "../../governance/consult.ts";
import { judgePublication } from "../../governance/warden.ts";
import { answerConditions } from "../query.ts";
import type { StepInput, StepResult } from "../step.ts";

/**
 * Evolution: what the run has taught, and whether it is written back (G33). No run of this version may write into
 * the configuration, so a signal becomes a suggestion with its target and reason.
 */
export function evolutionStep({ run, at }: StepInput): StepResult<"evolution.completed"> {
  const session = openSession("evolution", at);
  const evolutionWritebackPacket = consult(session, "meta-chrysalis", "gather what the run has taught", () =>
    decideWriteback(signalsOf(run)),
  );
  consult(
    session,
    "meta-warden",
    "final word on publication",
    () =>
      judgePublication(run.queryBypass ? answerConditions(run) : (run.packets.verificationPacket?.publication ?? [])),
    (verdict) => !verdict.passed,
  );
  return {
    kind: "evolution.completed",
    invocations: session.invocations,
    packets: { evolutionWritebackPacket },
    artifacts: [],
  };
}

function signalsOf(run: Run): EvolutionSignals {
  const { capabilityGapPacket, metaReviewPacket, contentEvidencePacket, arbitrationPacket } = run.packets;
  const partial = (contentEvidencePacket?.capabilitySearches ?? []).filter((search) => {
    const best = search.matches.find((match) => match.name === search.selected);
    return best !== undefined && best.score < 3 && search.laneId in run.lanes;
  });
  const retried = run.dispatches.filter((dispatch) => dispatch.status === "failed");
  const interrupted = run.dispatches.filter((dispatch) => dispatch.status === "outcome_unknown");
  return {
    boundaryIssues: partial.map((search) => `${search.selected} fits "${search.query}" only in part`),
    reusablePatterns: [],
    coverageGaps: capabilityGapPacket?.missing ?? [],
    gateRefinements: (metaReviewPacket?.lanesWithoutStrongStep ?? []).map(
      (lane) => `lane "${lane}" has no check that proves something`,
    ),
    violations: [
      ...(arbitrationPacket === undefined
        ? []
        : [{ kind: "deadlock", detail: `${arbitrationPacket.outcome}: ${arbitrationPacket.reason}` }]),
      ...retried.map((dispatch) => ({
        kind: "failed_attempt",
        detail: `${dispatch.dispatchId} (${dispatch.agent}) failed`,
      })),
      ...interrupted.map((dispatch) => ({
        kind: "interrupted_attempt",
        detail: `${dispatch.dispatchId} was interrupted`,
      })),
    ],
    changedConfiguration: [],
    mayWrite: false,
  };
}
