import { Severity, type Evidence, type Unavailable } from "../contracts/finding.ts";
import type { LaneState, Run } from "../contracts/run.ts";
import type { Text } from "../contracts/text.ts";
import type { WorkerResult } from "../contracts/worker.ts";
import { lanesInOrder } from "./lane-words.ts";

/** A finding as cards and report need it, whichever stage the run is in. */
export interface FoundItem {
  readonly laneId: string;
  readonly code: string;
  readonly severity: Severity;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly text: Text;
  readonly evidence: readonly Evidence[];
}

export function resultOf(lane: LaneState | undefined): WorkerResult | undefined {
  return lane?.status === "succeeded" || lane?.status === "failed" ? lane.result : undefined;
}

/** What was found: as Review confirmed it, before Review as the workers reported it; in the order of the lanes. */
function findingsOf(run: Run): FoundItem[] {
  return (
    run.packets.reviewPacket?.findings ??
    run.packets.contentEvidencePacket?.answer?.findings ??
    lanesInOrder(run).flatMap((laneId) =>
      (resultOf(run.lanes[laneId])?.findings ?? []).map((finding) => ({ ...finding, laneId })),
    )
  );
}

/** What could not be checked, with the reasons that the workers gave. */
export function unavailableOf(run: Run): Unavailable[] {
  return (
    run.packets.reviewPacket?.unavailable ??
    lanesInOrder(run).flatMap((laneId) =>
      (resultOf(run.lanes[laneId])?.unavailable ?? []).map((item) => ({ ...item, laneId })),
    )
  );
}

/** The chosen priority; what weighs most comes first where nobody chose. */
function priorityOf(run: Run): "risk_first" | "quick_first" | "thorough" {
  const chosen = run.packets.runHeader?.chosen["priority"];
  return chosen === "quick_first" || chosen === "thorough" ? chosen : "risk_first";
}

/**
 * Findings in the order that the person chose: `risk_first` by severity; `quick_first` what points to one line
 * (and so can be mended on the spot) before the rest; `thorough` lane by lane and file by file, as one would
 * walk through the repository.
 */
export function sortedFindings(run: Run): FoundItem[] {
  const lanes = lanesInOrder(run);
  const bySeverity = (finding: FoundItem) => Severity.options.indexOf(finding.severity);
  const byLane = (finding: FoundItem) => lanes.indexOf(finding.laneId);
  const byPlace = (a: FoundItem, b: FoundItem) =>
    (a.file ?? "").localeCompare(b.file ?? "", "en") || (a.line ?? 0) - (b.line ?? 0);
  const effort = (finding: FoundItem) => (finding.line !== undefined ? 0 : finding.file !== undefined ? 1 : 2);

  const order = {
    risk_first: (a: FoundItem, b: FoundItem) => bySeverity(a) - bySeverity(b) || byLane(a) - byLane(b) || byPlace(a, b),
    quick_first: (a: FoundItem, b: FoundItem) =>
      effort(a) - effort(b) || bySeverity(a) - bySeverity(b) || byLane(a) - byLane(b) || byPlace(a, b),
    thorough: (a: FoundItem, b: FoundItem) => byLane(a) - byLane(b) || byPlace(a, b) || bySeverity(a) - bySeverity(b),
  }[priorityOf(run)];
  return findingsOf(run).toSorted(order);
}

/** `path:line`, or the path alone; null where a finding is about the whole repository. */
export function placeOf(finding: Pick<FoundItem, "file" | "line">): string | null {
  if (finding.file === undefined) return null;
  return finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`;
}
