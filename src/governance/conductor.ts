import type { Macro } from "../contracts/macro.ts";
import type { Packets } from "../contracts/packets/packets.ts";
import type { DispatchBoard } from "../contracts/packets/thinking.ts";
import type { Text } from "../contracts/text.ts";
import type { SpinePath } from "../contracts/stage.ts";
import type { CapabilityNeed } from "./scout.ts";

/** meta-conductor: path, order and rhythm of the work (G14, G16, G27). */

const PATHS: readonly SpinePath[] = ["fast_path", "standard_path", "regulated_path"];

export interface PathChoice {
  readonly path: SpinePath;
  /** Why it is higher than the macro's own path; empty where it is not. Never lower (G14). */
  readonly escalatedBecause: string[];
}

/** The smallest path that answers for the work: the macro's own, escalated on evidence of risk. */
export function choosePath(
  macro: Pick<Macro, "path" | "risk" | "lanes" | "query">,
  riskWords: readonly string[],
): PathChoice {
  // The words of a query are what is looked up: "where is TODO: delete" deletes nothing, and reading is all it can do.
  if (macro.query !== undefined) return { path: macro.path, escalatedBecause: [] };
  const reasons: { path: SpinePath; why: string }[] = [];
  // The fast path has no Execution, and a lane is work for a worker.
  if (macro.lanes.length > 0) reasons.push({ path: "standard_path", why: "workers are needed" });
  if (macro.lanes.some((lane) => lane.writes.length > 0))
    reasons.push({ path: "regulated_path", why: "a lane writes files" });
  if (macro.risk === "high") reasons.push({ path: "regulated_path", why: "the procedure is of high risk" });
  if (riskWords.length > 0) reasons.push({ path: "regulated_path", why: `the goal speaks of ${riskWords.join(", ")}` });
  const height = (path: SpinePath) => PATHS.indexOf(path);
  const higher = reasons.filter((reason) => height(reason.path) > height(macro.path));
  const top = higher.toSorted((a, b) => height(b.path) - height(a.path))[0];
  return { path: top?.path ?? macro.path, escalatedBecause: higher.map((reason) => reason.why) };
}

/** Which evidence is needed about owners: one need for each lane (G16). */
export function fetchNeeds(macro: Pick<Macro, "lanes">): CapabilityNeed[] {
  return macro.lanes.map((lane) => ({ laneId: lane.id, need: lane.need, keywords: lane.keywords }));
}

/** What a query needs done; Fetch does it itself, and looks all the same who claims it (G22). */
export function queryNeed(macro: Pick<Macro, "id">): CapabilityNeed {
  return { laneId: macro.id, need: "find a text in files", keywords: ["find", "text", "search"] };
}

/** A lane as far as its order matters. */
export interface OrderedLane {
  readonly laneId: string;
  readonly dependsOn: readonly string[];
  readonly expectedMs: number;
}

/** Lowest rank first, and never before what a lane waits for. */
export function orderLanes<L extends OrderedLane>(lanes: readonly L[], rank: (lane: L) => number): L[] {
  const open = lanes.toSorted((a, b) => rank(a) - rank(b));
  const ordered: L[] = [];
  while (open.length > 0) {
    const next = open.findIndex((lane) => lane.dependsOn.every((id) => !open.some((other) => other.laneId === id)));
    ordered.push(...open.splice(Math.max(next, 0), 1));
  }
  return ordered;
}

/** Expected time of the whole in milliseconds, when at most `concurrency` lanes run at once in this order. */
export function expectedTotalMs(lanes: readonly OrderedLane[], concurrency: number): number {
  const endsAt = new Map<string, number>();
  const slots = Array.from({ length: Math.max(1, concurrency) }, () => 0);
  const open = [...lanes];
  while (open.length > 0) {
    const free = Math.min(...slots);
    const startOf = (lane: OrderedLane) => Math.max(free, ...lane.dependsOn.map((id) => endsAt.get(id) ?? 0));
    const startable = open.filter((lane) => lane.dependsOn.every((id) => !open.some((other) => other.laneId === id)));
    // Like the queue: what can start soonest does, and a lane that waits for another one holds no worker.
    const next = startable.toSorted((a, b) => startOf(a) - startOf(b))[0];
    if (next === undefined) break;
    const end = startOf(next) + next.expectedMs;
    slots[slots.indexOf(free)] = end;
    endsAt.set(next.laneId, end);
    open.splice(open.indexOf(next), 1);
  }
  return Math.max(0, ...endsAt.values());
}

/** Who merges what parallel workers bring: always the one who dispatched them. */
export const MERGE_OWNER = "meta-conductor";

/** Groups that start one after the other: by dependencies, or one lane a group where only one may run. */
export function dispatchBoard(lanes: readonly OrderedLane[], concurrency: number): DispatchBoard {
  const level = new Map<string, number>();
  lanes.forEach((lane, at) => {
    const after = Math.max(-1, ...lane.dependsOn.map((id) => level.get(id) ?? -1));
    level.set(lane.laneId, concurrency === 1 ? at : after + 1);
  });
  const depth = Math.max(-1, ...level.values()) + 1;
  const groups = Array.from({ length: depth }, (_, at) => ({
    parallelGroup: groupName(at),
    lanes: lanes.flatMap((lane) => (level.get(lane.laneId) === at ? [lane.laneId] : [])),
    startsAfter: at === 0 ? [] : [groupName(at - 1)],
  }));
  return { groups, mergeOwner: MERGE_OWNER };
}

function groupName(at: number): string {
  return `group-${at + 1}`;
}

/** The plan without some lanes: the one revision that follows an arbitration (G15). Their searches stay, with the reason. */
export function planWithout(packets: Packets, leftOut: readonly string[], reason: Text): Packets {
  const stays = ({ laneId }: { readonly laneId: string }): boolean => !leftOut.includes(laneId);
  const {
    workerTaskPackets,
    dispatchEnvelopePacket,
    dispatchBoard: board,
    businessFlowBlueprintPacket: flow,
  } = packets;
  return {
    ...packets,
    ...(workerTaskPackets && { workerTaskPackets: workerTaskPackets.filter(stays) }),
    ...(dispatchEnvelopePacket && {
      dispatchEnvelopePacket: {
        ...dispatchEnvelopePacket,
        lanes: dispatchEnvelopePacket.lanes.filter((laneId) => stays({ laneId })),
      },
    }),
    ...(board && {
      dispatchBoard: {
        ...board,
        groups: board.groups.map((group) => ({ ...group, lanes: group.lanes.filter((laneId) => stays({ laneId })) })),
      },
    }),
    ...(flow && {
      businessFlowBlueprintPacket: {
        ...flow,
        requiredLanes: flow.requiredLanes.filter(stays),
        optionalLanes: flow.optionalLanes.filter(stays),
        omittedLanes: [
          ...flow.omittedLanes,
          ...[...flow.requiredLanes, ...flow.optionalLanes]
            .filter((lane) => !stays(lane))
            .map((lane) => ({ ...lane, coverageStatus: "omitted_with_reason" as const, reason })),
        ],
      },
    }),
  };
}
