import type { Run } from "../contracts/run.ts";
import { resultOf } from "./findings.ts";
import { lanesInOrder } from "./lane-words.ts";

export interface CommandOutput {
  readonly laneId: string;
  readonly argv: readonly string[];
  readonly exitCode: number | null;
  /** The end of what it printed, line by line, secrets masked. */
  readonly lines: readonly string[];
}

/** What the declared commands of a run printed. */
export function commandOutputs(run: Run): CommandOutput[] {
  return lanesInOrder(run).flatMap((laneId): CommandOutput[] => {
    const packet = run.packets.workerTaskPackets?.find((candidate) => candidate.laneId === laneId);
    const result = resultOf(run.lanes[laneId]);
    if (packet?.command === undefined || result === undefined) return [];
    const text = result.outputTail.replace(/\s+$/, "");
    return [{ laneId, argv: packet.command, exitCode: result.exitCode, lines: text === "" ? [] : text.split(/\r?\n/) }];
  });
}
