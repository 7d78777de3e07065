import { argumentsOfRun } from "../commands/arguments-in-force.ts";
import type { EventOf } from "../contracts/event.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { Macro, MacroLane, MacroOnRedrive } from "../contracts/macro.ts";
import type { WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import type { Run } from "../contracts/run.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { secretArguments } from "../governance/sentinel.ts";
import { validateArguments } from "./arguments.ts";
import { limitAfter } from "./chosen-plan.ts";
import { fillCommand } from "./declared-command.ts";

export type Redrive =
  | { readonly ok: true; readonly event: Pick<EventOf<"dead_letter.retried">, "args" | "packets" | "macro"> }
  | { readonly ok: false; readonly code: string; readonly problems: readonly Text[] };

type Values = Readonly<Record<string, ArgumentValue>>;

/**
 * What a retry means for a run (M8). Changed arguments are checked like those of a start. A plan that stands already
 * is written anew with them, and with the macro as it is now: whoever mended it wants the mended one. Which parts run,
 * and what they may do, was decided on the card and stays; where the macro was changed in that, the plan keeps the old.
 */
export function redriveWith(run: Run, macros: readonly Macro[], changed: Values): Redrive {
  const macroId = run.packets.taskClassification?.macroId ?? run.task.macro;
  const macro = macros.find((known) => known.id === macroId);
  if (Object.keys(changed).length === 0) return { ok: true, event: macro === undefined ? {} : asItIsNow(run, macro) };
  if (macro === undefined) return refuse("redrive.no_macro", keyed("redrive.no_macro"));
  const lanes = Object.keys(changed).find((id) => macro.args[id]?.type === "lanes");
  if (lanes !== undefined) return refuse("redrive.lanes", keyed("redrive.lanes", { name: lanes }));
  if (run.change !== undefined) return refuse("redrive.change_made", keyed("redrive.change_made"));
  const [secret] = secretArguments(changed);
  if (secret !== undefined) return refuse("redrive.secret", keyed("redrive.secret", { name: secret }));

  const before = argumentsOfRun(run);
  const verdict = validateArguments(macro, { ...before, ...changed });
  if (!verdict.ok) return { ok: false, code: "macro.bad_argument", problems: verdict.problems };
  const differing = Object.keys(changed).filter((id) => !isSame(before[id], verdict.args[id]));
  const args = Object.fromEntries(Object.entries(verdict.args).filter(([id]) => differing.includes(id)));
  if (differing.length === 0) return { ok: true, event: asItIsNow(run, macro) };
  const { workerTaskPackets, runHeader } = run.packets;
  if (workerTaskPackets === undefined || runHeader === undefined) return { ok: true, event: { args } };
  const inForce = { ...runHeader.args, ...args };
  const mended = mendedPackets(run, macro, workerTaskPackets, verdict.args);
  const packets = (mended ?? workerTaskPackets).map((packet) => ({
    ...packet,
    ...(mended === undefined ? commandOf(run, macro, packet, verdict.args) : {}),
    args: inForce,
  }));
  return {
    ok: true,
    event: {
      args,
      packets: { runHeader: { ...runHeader, args: inForce }, workerTaskPackets: packets },
      ...macroSince(run, macro),
    },
  };
}

/** A retry without other arguments; empty where the macro says what it said when the run was planned. */
function asItIsNow(run: Run, macro: Macro): Extract<Redrive, { ok: true }>["event"] {
  const { workerTaskPackets } = run.packets;
  const since = macroSince(run, macro);
  if (workerTaskPackets === undefined || since.macro !== "taken") return since;
  const packets = mendedPackets(run, macro, workerTaskPackets, argumentsOfRun(run)) ?? workerTaskPackets;
  return { ...since, packets: { workerTaskPackets: packets } };
}

/** Was the macro changed since the run was planned, and does the change fit? Judged with the arguments of the plan. */
function macroSince(run: Run, macro: Macro): { macro?: MacroOnRedrive } {
  const { workerTaskPackets } = run.packets;
  if (workerTaskPackets === undefined || run.change !== undefined) return {};
  const mended = mendedPackets(run, macro, workerTaskPackets, argumentsOfRun(run));
  if (mended === undefined) return { macro: "kept" };
  return isSame(mended.map(mendable), workerTaskPackets.map(mendable)) ? {} : { macro: "taken" };
}

/** The plan as the macro says it now; undefined where that would be other work than was approved. */
function mendedPackets(
  run: Run,
  macro: Macro,
  packets: readonly WorkerTaskPacket[],
  args: Values,
): WorkerTaskPacket[] | undefined {
  const { args: planned = {}, chosen = {} } = run.packets.runHeader ?? {};
  if (!isSame(Object.keys(planned).toSorted(), Object.keys(macro.args).toSorted())) return undefined;
  const mended: WorkerTaskPacket[] = [];
  for (const packet of packets) {
    const lane = macro.lanes.find(({ id }) => id === packet.laneId);
    if (lane === undefined || !isSameWork(packet, lane)) return undefined;
    const { heartbeatMs: _, ...rest } = packet;
    const command = lane.command === undefined ? {} : filledCommand(run, macro, lane.command, args);
    if (command === undefined) return undefined;
    mended.push({
      ...rest,
      ...command,
      timeLimitMs: limitAfter(lane.timeLimitMs, { risk: chosen["risk"], priority: chosen["priority"] }),
      ...(lane.heartbeatMs === undefined ? {} : { heartbeatMs: lane.heartbeatMs }),
      verifySteps: lane.verify,
    });
  }
  return mended;
}

function mendable({ command, timeLimitMs, heartbeatMs = 0, verifySteps }: WorkerTaskPacket): unknown[] {
  return [command ?? [], timeLimitMs, heartbeatMs, verifySteps];
}

/** What it is about, what it may touch and what it waits for was approved; how it is done and checked may be mended. */
function isSameWork(packet: WorkerTaskPacket, lane: MacroLane): boolean {
  return (
    packet.task === lane.need &&
    (packet.command === undefined) === (lane.command === undefined) &&
    isSame(packet.writes, lane.writes) &&
    packet.keeps === lane.keeps &&
    (packet.required ?? false) === lane.required &&
    packet.repeatable === (lane.repeatable ?? lane.writes.length === 0) &&
    packet.uses.every((use) => lane.uses.includes(use)) &&
    lane.dependsOn.every((id) => packet.dependsOn.includes(id))
  );
}

/** Does a lane have to be done anew with this packet? A declared command sees only the arguments that stand in it. */
export function isAffected(before: WorkerTaskPacket | undefined, after: WorkerTaskPacket): boolean {
  if (!isSame(before?.verifySteps, after.verifySteps)) return true;
  return after.command === undefined ? !isSame(before?.args, after.args) : !isSame(before?.command, after.command);
}

function commandOf(run: Run, macro: Macro, packet: WorkerTaskPacket, args: Values): Pick<WorkerTaskPacket, "command"> {
  const words = macro.lanes.find((lane) => lane.id === packet.laneId)?.command;
  if (words === undefined || packet.command === undefined) return {};
  return filledCommand(run, macro, words, args) ?? { command: packet.command };
}

function filledCommand(
  run: Run,
  macro: Macro,
  words: readonly string[],
  args: Values,
): { command: string[] } | undefined {
  const root = run.packets.contentEvidencePacket?.workspace.root ?? run.task.workspace;
  const filled = fillCommand(words, macro.args, args, root);
  return filled.ok ? { command: filled.argv } : undefined;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function refuse(code: string, problem: Text): Redrive {
  return { ok: false, code, problems: [problem] };
}
