import type { WorkFinding } from "../../contracts/finding.ts";
import type { VerificationPacket } from "../../contracts/packets/closing.ts";
import type { Run } from "../../contracts/run.ts";
import type { StepOutcome } from "../../contracts/verify-step.ts";
import { consult, openSession } from "../../governance/consult.ts";
import { afterVerification, arbitrationOf, isDeadlocked } from "../deadlock.ts";
import { undeclaredPaths } from "../declared-writes.ts";
import { checkEvidence, commandOutcomes, findingsOf, readChecks } from "../lane-checks.ts";
import type { StepResult, VerificationInput } from "../step.ts";
import { verdictOf } from "../verdict.ts";
import { workspaceFindings, workspaceGaps } from "./review.ts";

/** Verification: everything is read again after the work; a finding closes on that alone, never on a claim (G33). */
export function verificationStep(input: VerificationInput): StepResult<"verification.completed"> {
  const { run, at } = input;
  const session = openSession("verification", at);
  const read = consult(session, "meta-prism", "check again on fresh evidence", () => readChecks(input));
  const outcomes = [...read, ...commandOutcomes(run)];
  const findings = [
    ...run.workFindings.map((finding) => settle(finding, outcomes, run, at)),
    ...newFindings(run, outcomes, at),
  ];
  const open = findings.filter((finding) => finding.status.kind === "open").map((finding) => finding.id);
  const publication = consult(
    session,
    "meta-warden",
    "judge whether the result may be called complete",
    () => publicationOf(run, outcomes, open),
    (conditions) => conditions.some((condition) => !condition.holds),
  );
  const after = { ...run, ...afterVerification(run, { findings, outcomes: read }) };
  const arbitration = !isDeadlocked(after)
    ? {}
    : {
        arbitrationPacket: consult(
          session,
          "meta-warden",
          "arbitrate what is sent back without anything new",
          () => arbitrationOf(after, at),
          ({ outcome }) => outcome === "ask_user" || outcome === "stop_blocked",
        ),
      };
  const macro = input.catalog.macros.find(({ id }) => id === run.packets.taskClassification?.macroId);
  const verdict =
    macro?.verdict === undefined
      ? undefined
      : consult(session, "meta-warden", "give the verdict that the answers lead to", () => verdictOf(run, macro));
  const verificationPacket: VerificationPacket = {
    checkedAt: at,
    closed: findings.filter((finding) => finding.status.kind === "closed").map((finding) => finding.id),
    open,
    workspaceUnchanged: compareWorkspace(run, input.fingerprint),
    publication,
    ...(verdict === undefined ? {} : { verdict }),
  };
  const reviewed = run.packets.reviewPacket;
  // A revision may have changed what was found: the result shows what is true now.
  const reviewPacket = reviewed && { ...reviewed, findings: workspaceFindings(run), unavailable: workspaceGaps(run) };
  return {
    kind: "verification.completed",
    invocations: session.invocations,
    packets: { verificationPacket, ...arbitration, ...(reviewPacket === undefined ? {} : { reviewPacket }) },
    outcomes: read,
    findings,
  };
}

/** Closes an open finding when its check passes on a result that is younger than the finding. */
function settle(finding: WorkFinding, outcomes: readonly StepOutcome[], run: Run, at: number): WorkFinding {
  if (finding.status.kind !== "open") return finding;
  const outcome = outcomes.find((known) => known.laneId === finding.laneId && known.stepId === finding.stepId);
  const lane = run.lanes[finding.laneId];
  const fresh = lane?.status === "succeeded" && lane.endedAt >= finding.foundAt;
  if (outcome?.passed !== true || !fresh) return finding;
  const evidence = [checkEvidence(finding.laneId, finding.stepId, run.revisionRound)];
  return { ...finding, status: { kind: "closed", closedAt: at, evidence } };
}

/** What fails now and was not known, or was thought to be closed. */
function newFindings(run: Run, outcomes: readonly StepOutcome[], at: number): WorkFinding[] {
  const unsettled = new Set(
    run.workFindings.filter((finding) => finding.status.kind !== "closed").map((finding) => finding.id),
  );
  const times = (id: string): number => run.workFindings.filter((finding) => finding.id.split("#")[0] === id).length;
  return findingsOf(run, outcomes, at)
    .filter((finding) => ![...unsettled].some((id) => id.split("#")[0] === finding.id))
    .map((finding) =>
      times(finding.id) === 0 ? finding : { ...finding, id: `${finding.id}#${times(finding.id) + 1}` },
    );
}

function compareWorkspace(run: Run, after: string | undefined): VerificationPacket["workspaceUnchanged"] {
  const before = run.packets.contentEvidencePacket?.workspace.fingerprint ?? "";
  return { checked: after !== undefined, unchanged: after === before, before, after: after ?? "" };
}

function publicationOf(
  run: Run,
  outcomes: readonly StepOutcome[],
  open: readonly string[],
): VerificationPacket["publication"] {
  const unfinished = Object.values(run.lanes).filter(
    (lane) => !["succeeded", "accepted_unknown", "left_out"].includes(lane.status),
  );
  const failed = outcomes.filter((outcome) => !outcome.passed && !isSetAside(run, outcome));
  const { contentEvidencePacket, dispatchEnvelopePacket, preDecisionOptionFrame } = run.packets;
  const recorded =
    contentEvidencePacket !== undefined && dispatchEnvelopePacket !== undefined && preDecisionOptionFrame !== undefined;
  const names = (items: readonly { laneId: string; stepId?: string }[]): string =>
    items.map((item) => (item.stepId === undefined ? item.laneId : `${item.laneId}/${item.stepId}`)).join(", ") ||
    "none";
  return [
    {
      condition: "lanes_ended",
      holds: unfinished.length === 0,
      detail: `lanes that have not ended well: ${names(unfinished)}`,
    },
    { condition: "checks_passed", holds: failed.length === 0, detail: `checks that did not pass: ${names(failed)}` },
    { condition: "findings_closed", holds: open.length === 0, detail: `open: ${open.join(", ") || "none"}` },
    {
      condition: "evidence_recorded",
      holds: recorded,
      detail: recorded ? "evidence, options and plan are there" : "packets are missing",
    },
    ...changesDeclared(run),
  ];
}

/** An arbitration has decided to go on without it; the result says so (G15). */
function isSetAside(run: Run, { laneId, stepId }: StepOutcome): boolean {
  return run.workFindings.some(
    (finding) => finding.laneId === laneId && finding.stepId === stepId && finding.status.kind === "not_closable",
  );
}

/** Where a change may be kept: it is what the lane had declared, checked before anything leaves the copy. */
function changesDeclared(run: Run): VerificationPacket["publication"] {
  return (run.packets.workerTaskPackets ?? []).flatMap(({ laneId, keeps, writes }) => {
    const lane = run.lanes[laneId];
    const made = lane?.status === "succeeded" ? lane.result.change : undefined;
    if (keeps === undefined || made === undefined) return [];
    const stray = undeclaredPaths(made, writes);
    const detail = stray.length === 0 ? made.files.map(({ path }) => path).join(", ") : stray.join(", ");
    return [{ condition: "changes_declared", holds: stray.length === 0, detail }];
  });
}
