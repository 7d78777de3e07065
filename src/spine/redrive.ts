import { argumentsOfRun } from "../commands/arguments-in-force.ts";
import type { EventOf } from "../contracts/event.ts";
import type { ArgumentValue, Macro } from "../contracts/macro.ts";
import type { WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import type { Run } from "../contracts/run.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { secretArguments } from "../governance/sentinel.ts";
import { validateArguments } from "./arguments.ts";
import { fillCommand } from "./declared-command.ts";

export type Redrive =
  | { readonly ok: true; readonly event: Pick<EventOf<"dead_letter.retried">, "args" | "packets"> }
  | { readonly ok: false; readonly code: string; readonly problems: readonly Text[] };

type Values = Readonly<Record<string, ArgumentValue>>;

/**
 * What a retry with changed arguments means for a run (M8): they are checked like those of a start, and a plan that
 * stands already is written anew with them. Which parts run was decided on the card, and stays.
 */
export function redriveWith(run: Run, macros: readonly Macro[], changed: Values): Redrive {
  const macroId = run.packets.taskClassification?.macroId ?? run.task.macro;
  const macro = macros.find((known) => known.id === macroId);
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
  if (differing.length === 0) return { ok: true, event: {} };
  const { workerTaskPackets, runHeader } = run.packets;
  if (workerTaskPackets === undefined || runHeader === undefined) return { ok: true, event: { args } };
  const inForce = { ...runHeader.args, ...args };
  return {
    ok: true,
    event: {
      args,
      packets: {
        runHeader: { ...runHeader, args: inForce },
        workerTaskPackets: workerTaskPackets.map((packet) => ({
          ...packet,
          ...commandOf(run, macro, packet, verdict.args),
          args: inForce,
        })),
      },
    },
  };
}

/** Does a lane have to be done anew with this packet? A declared command sees only the arguments that stand in it. */
export function isAffected(before: WorkerTaskPacket | undefined, after: WorkerTaskPacket): boolean {
  return after.command === undefined ? !isSame(before?.args, after.args) : !isSame(before?.command, after.command);
}

function commandOf(run: Run, macro: Macro, packet: WorkerTaskPacket, args: Values): Pick<WorkerTaskPacket, "command"> {
  const words = macro.lanes.find((lane) => lane.id === packet.laneId)?.command;
  if (words === undefined || packet.command === undefined) return {};
  const root = run.packets.contentEvidencePacket?.workspace.root ?? run.task.workspace;
  const filled = fillCommand(words, macro.args, args, root);
  return { command: filled.ok ? filled.argv : packet.command };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function refuse(code: string, problem: Text): Redrive {
  return { ok: false, code, problems: [problem] };
}
