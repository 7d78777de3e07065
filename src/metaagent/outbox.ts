import { cardOf } from "../cards/cards-of.ts";
import type { MessageRecord, OutboxEntry, RunDocument } from "../contracts/document.ts";
import type { CardKind } from "../contracts/effect.ts";
import type { Binding } from "../contracts/task.ts";
import { messageOf } from "../errors.ts";
import { translatorFor } from "../i18n.ts";
import { retryDelay, type Control } from "./deps.ts";

/** What operators are shown: how things ended, not every step (attention is a cost). */
const FOR_OPERATORS: readonly CardKind[] = ["result", "dead_letter"];

export interface Outbox {
  /** Delivers what a run's outbox holds, in order; called after every commit and at start. */
  flush(runId: string): void;
  /** Resolves when everything that was being delivered has been, or has failed. */
  idle(): Promise<void>;
}

/**
 * Delivers effects that were saved with their run. Delivered means: done in the world, then taken out of the outbox
 * in a durable write. A crash in between repeats a delivery, so each one must be harmless to repeat.
 */
export function createOutbox(control: Control): Outbox {
  const underWay = new Map<string, Promise<void>>();

  const flush = (runId: string, attempt = 1): void => {
    const before = underWay.get(runId) ?? Promise.resolve();
    const task = before
      .then(() => deliverAll(control, runId))
      .catch((error: unknown) => {
        control.log.warn({ runId, attempt, err: messageOf(error) }, "a delivery failed; it stays in the outbox");
        const delay = retryDelay(control.retry, Math.min(attempt, 10), control.random());
        control.clock.after(delay, () => flush(runId, attempt + 1));
      })
      .finally(() => {
        if (underWay.get(runId) === task) underWay.delete(runId);
      });
    underWay.set(runId, task);
  };

  return {
    flush: (runId) => flush(runId),
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

async function deliverAll(control: Control, runId: string): Promise<void> {
  for (;;) {
    const document = await control.engine.read(runId);
    const entry = document?.outbox[0];
    if (document === undefined || entry === undefined) return;
    const messages = await deliver(control, document, entry);
    await control.state.settle(runId, entry.id, { messages });
  }
}

async function deliver(control: Control, document: RunDocument, entry: OutboxEntry): Promise<RunDocument["messages"]> {
  const { effect } = entry;
  switch (effect.kind) {
    case "publish":
      return publish(control, document, effect.card);
    case "alert":
      await control.engine.transactOperations((operations) =>
        operations.alerts.some((alert) => alert.key === effect.alert.key)
          ? operations
          : { ...operations, alerts: [...operations.alerts, effect.alert].slice(-1000) },
      );
      control.events.emit("alert.raised", { alert: effect.alert });
      return {};
    case "close_workspace":
      await control.workspace.close(document.run.runId);
      return {};
    // Both are carried out by the queue, which is saved with the run.
    case "dispatch":
    case "revoke":
      return {};
  }
}

/** Brings one card up to date on every surface of the run; the newest state wins, and nothing is posted twice. */
async function publish(control: Control, document: RunDocument, card: CardKind): Promise<RunDocument["messages"]> {
  const { run } = document;
  const content = cardOf(run, card, translatorFor(run.language.language));
  if (content === undefined) return {};
  const records: Record<string, MessageRecord> = {};
  for (const binding of run.task.bindings) {
    const surface = control.surfaces.find((known) => known.name === binding.surface);
    if (surface === undefined || (binding.role === "operators" && !FOR_OPERATORS.includes(card))) continue;
    const key = messageKey(run.runId, binding, card, decisionNumber(document, card));
    const known = document.messages[key];
    if (known !== undefined && known.deliveredVersion >= run.version) continue;
    const delivered = await surface.put({
      key,
      channel: binding.channel,
      thread: known?.thread ?? threadOf(document, records, binding),
      message: known?.message,
      card: content,
    });
    records[key] = {
      surface: binding.surface,
      channel: binding.channel,
      thread: delivered.thread,
      message: delivered.message,
      card,
      deliveredVersion: run.version,
    };
  }
  return records;
}

function messageKey(runId: string, binding: Binding, card: CardKind, number: number): string {
  return [runId, binding.surface, binding.channel, binding.role, card, number].join("/");
}

/** Each question is a message of its own; every other card has one message a run, edited in place. */
function decisionNumber({ run }: RunDocument, card: CardKind): number {
  return card === "decision" ? run.decisions.length : 0;
}

/** All cards of a run stand in the thread that the first one opened there. */
function threadOf(document: RunDocument, fresh: Record<string, MessageRecord>, binding: Binding): string | undefined {
  const known = [...Object.values(document.messages), ...Object.values(fresh)].find(
    (record) => record.surface === binding.surface && record.channel === binding.channel && record.thread !== undefined,
  );
  return binding.thread ?? known?.thread;
}
