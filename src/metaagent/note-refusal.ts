import type { Command } from "../contracts/command.ts";
import { messageOf } from "../errors.ts";
import { chained, operationsNote } from "./audit.ts";
import type { Control } from "./deps.ts";

/** So many refused commands of no run are known by their ids, so that each stands in the trail once. */
const REMEMBERED = 200;

/**
 * Who tried what in vain belongs to the audit trail: that of the run where there is one, else that of the operations.
 * What cannot be noted is still refused.
 */
export async function noteRefusal(control: Control, command: Command, code: string, at: number): Promise<void> {
  const note = async (): Promise<void> => {
    if ("runId" in command) {
      const { id, by, kind, runId } = command;
      const detail = { command: kind, code };
      if (await control.state.note(runId, { at, id, what: "command.refused", by, detail })) return;
    }
    await control.engine.transactOperations((operations) => {
      if (operations.refused.includes(command.id)) return operations;
      return {
        ...operations,
        audit: chained(operations.audit, operationsNote(command, at, code)),
        refused: [...operations.refused, command.id].slice(-REMEMBERED),
      };
    });
  };
  await note().catch((error: unknown) =>
    control.log.warn({ command: command.kind, err: messageOf(error) }, "a refusal was not audited"),
  );
}
