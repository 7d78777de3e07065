import type { Run } from "../contracts/run.ts";
import { raw, type Text } from "../contracts/text.ts";

/** What people call a lane; its id only where an older run has no title for it. */
export function laneTitle(run: Run, laneId: string): Text {
  return run.packets.workerTaskPackets?.find((packet) => packet.laneId === laneId)?.title ?? raw(laneId);
}
