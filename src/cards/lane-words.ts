import type { Run } from "../contracts/run.ts";
import { keyed, isMessageKey, type Translator } from "../i18n.ts";

/** The chosen lanes in the order of the plan. */
export function lanesInOrder(run: Run): string[] {
  const planned = run.packets.workerTaskPackets?.map((packet) => packet.laneId) ?? [];
  const chosen = Object.keys(run.lanes);
  return [...planned.filter((id) => chosen.includes(id)), ...chosen.filter((id) => !planned.includes(id))];
}

/** A lane as people know it: its title, and the coarse role that works on it (G25). */
export function laneName(run: Run, laneId: string, words: Translator): string {
  const { workerTaskPackets = [], businessFlowBlueprintPacket } = run.packets;
  const left = businessFlowBlueprintPacket?.omittedLanes ?? [];
  const packet = [...workerTaskPackets, ...left].find((candidate) => candidate.laneId === laneId);
  const title = packet?.title === undefined ? laneId : words.say(packet.title);
  const roleKey = `role.${packet?.businessRoleId ?? ""}`;
  return isMessageKey(roleKey)
    ? words.t("card.lane_with_role", { lane: title, role: words.say(keyed(roleKey)) })
    : title;
}
