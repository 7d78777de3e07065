import type { Command, CommandReply } from "../contracts/command.ts";
import type { QueueAct, QueueTarget } from "../contracts/queue.ts";
import type { Text } from "../contracts/text.ts";
import { FALLBACK_LANGUAGE, translatorFor, type Translator } from "../i18n.ts";
import { chained, operationsNote } from "./audit.ts";
import { authorize } from "./authorize.ts";
import type { Control } from "./deps.ts";
import { afterAct } from "./queue-control.ts";
import { groupOf } from "./strategies/concurrency-groups.ts";

export type QueueCommand = Extract<Command, { readonly kind: QueueAct["kind"] }>;

/** As far into the queue as is looked to say how much of something waits. */
const COUNTED = 1000;

/** Does what an operator wants done to the queue: saved first, then followed. */
export async function actOnQueue(control: Control, command: QueueCommand): Promise<CommandReply> {
  const words = translatorFor(command.language ?? control.toolLanguage ?? FALLBACK_LANGUAGE);
  const refusal = authorize(command, undefined, control);
  if (refusal !== undefined) return { kind: "refused", code: refusal.code, message: words.say(refusal.message) };
  const problem = targetProblem(control, command, words);
  if (problem !== undefined) return problem;
  const { id, by, ...act } = command;
  const at = control.clock.now();
  const asked = { id, by, at, act, waiting: waitingOf(control, command), weightOf: control.scheduler.weightOf };
  let said: Text | undefined;
  await control.engine.transactOperations((operations) => {
    if (operations.queueControl.log.some((entry) => entry.id === id)) return operations;
    const after = afterAct(operations.queueControl, asked);
    said = after.said;
    const audit = chained(operations.audit, operationsNote(command, at, undefined));
    return { ...operations, queueControl: after.control, audit };
  });
  if (said === undefined) return { kind: "done", message: words.t("reply.already_done") };
  if (control.engine.operations().queueControl.draining === null) control.engine.open();
  else control.engine.hold();
  await placeAnew(control, act);
  control.events.emit("queue.changed", { id, at, by, act });
  return { kind: "done", message: words.say(said) };
}

function targetOf(act: QueueAct): QueueTarget | undefined {
  if ("target" in act) return act.target;
  return act.kind === "queue.weigh" ? { kind: "tenant", name: act.tenant } : undefined;
}

/** A macro that is not there is a slip of the pen. Which tenants there are is not known beforehand. */
function targetProblem({ catalog }: Control, act: QueueAct, words: Translator): CommandReply | undefined {
  const target = targetOf(act);
  if (target?.kind !== "macro" || catalog.macros.some(({ id }) => id === target.name)) return undefined;
  const known = words.list(catalog.macros.map(({ id }) => id));
  return {
    kind: "refused",
    code: "macro.unknown",
    message: words.t("reply.unknown_macro", { came: target.name, known }),
  };
}

function waitingOf({ engine }: Control, act: QueueAct): number {
  const target = targetOf(act);
  if (target === undefined) return 0;
  const group = groupOf(target);
  return engine.queue(COUNTED).waiting.filter(({ groups }) => groups.some(({ name }) => name === group)).length;
}

/** A tenant's weight counts at its next turn by itself; a macro's steps are part of the places that its work has. */
async function placeAnew({ engine, state }: Control, act: QueueAct): Promise<void> {
  if ((act.kind !== "queue.raise" && act.kind !== "queue.lower") || act.target.kind !== "macro") return;
  const macroId = act.target.name;
  for (const runId of await engine.liveRuns()) {
    const document = await engine.read(runId);
    const isMeant = document?.run.packets.taskClassification?.macroId === macroId && document.queue.length > 0;
    if (isMeant) await state.replace(runId);
  }
}
