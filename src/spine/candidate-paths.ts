import type { CandidatePath } from "../contracts/packets/thinking.ts";
import { keyed } from "../i18n.ts";
import { isOnlyByName, type PracticalLane } from "./practical-lanes.ts";
import { essentialLanes, totalOf, withoutSlowest } from "./questions/scope.ts";
import type { RunFacts } from "./run-facts.ts";
import { duration, titles } from "./wording.ts";

/** The scope option that walks each path. */
export const PATH_OF_SCOPE = { everything: "full", essential: "essential", quick: "quick" } as const;

/**
 * At least two ways to do the work (G7, G32). Where only one is practical, the other one is still shown, as
 * rejected (G5).
 */
export function candidatePaths(facts: RunFacts, recommended: string): CandidatePath[] {
  const lanes = facts.lanes.filter((practical) => !isOnlyByName(practical));
  const reduced = [pathOf("essential", essentialLanes(lanes), lanes), pathOf("quick", withoutSlowest(lanes), lanes)];
  const distinct = reduced.filter(
    (path, at) =>
      path.lanes.length > 0 &&
      path.lanes.length < lanes.length &&
      reduced.findIndex((other) => other.lanes.join() === path.lanes.join()) === at,
  );
  const paths = [pathOf("full", lanes, lanes), ...distinct];
  const all = paths.length > 1 ? paths : [...paths, evidenceOnly()];
  return all.map((path) => (path.id === recommended ? path : { ...path, rejectedBecause: whyNot(path, lanes) }));
}

function pathOf(
  id: "full" | "essential" | "quick",
  kept: readonly PracticalLane[],
  lanes: readonly PracticalLane[],
): CandidatePath {
  const time = totalOf(kept);
  const left = titles(lanes.filter((practical) => !kept.includes(practical)));
  return {
    id,
    title: keyed(`path.${id}.title`, { count: kept.length, names: titles(kept) }),
    lanes: kept.map(({ lane }) => lane.id),
    expectedMs: time,
    pros: [keyed(`path.${id}.pro`, { time: duration(time), left })],
    cons: [keyed(`path.${id}.con`, { time: duration(time), left })],
  };
}

function evidenceOnly(): CandidatePath {
  return {
    id: "evidence_only",
    title: keyed("path.evidence_only.title"),
    lanes: [],
    expectedMs: 0,
    pros: [keyed("path.evidence_only.pro")],
    cons: [keyed("path.evidence_only.con")],
  };
}

function whyNot(path: CandidatePath, lanes: readonly PracticalLane[]): NonNullable<CandidatePath["rejectedBecause"]> {
  if (path.lanes.length === 0) return keyed("path.rejected.no_answer");
  const left = lanes.filter(({ lane }) => !path.lanes.includes(lane.id));
  if (left.length > 0) return keyed("path.rejected.leaves_out", { left: titles(left) });
  const shorter = duration(totalOf(essentialLanes(lanes)));
  return keyed("path.rejected.longer", { time: duration(path.expectedMs), shorter });
}
