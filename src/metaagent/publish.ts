import { cardOf } from "../cards/cards-of.ts";
import { decisionCard } from "../cards/decision-card.ts";
import type { RunCard } from "../contracts/card.ts";
import type { MessageRecord, RunDocument } from "../contracts/document.ts";
import type { CardKind } from "../contracts/effect.ts";
import type { Run } from "../contracts/run.ts";
import type { Binding } from "../contracts/task.ts";
import { BusyError, messageOf } from "../errors.ts";
import { translatorFor } from "../i18n.ts";
import type { Control } from "./deps.ts";
import type { Operators } from "./operators.ts";
import { tellDelivery } from "./tell-delivery.ts";

/** What operators are shown: how things ended, not every step (attention is a cost). */
const FOR_OPERATORS: readonly CardKind[] = ["result", "dead_letter"];

/** What came of one delivery: what was learned of messages, and whether it has to be tried again. */
export interface Delivered {
  readonly messages: RunDocument["messages"];
  readonly problem?: unknown;
  /** Not possible yet; nothing is wrong. */
  readonly notBefore?: number;
}

/** The first of some instants; undefined where there is none. */
export function earliest(instants: readonly number[]): number | undefined {
  return instants.length === 0 ? undefined : Math.min(...instants);
}

/** Brings one card up to date on every surface of the run; the newest state wins, and nothing is posted twice. */
export async function publish(
  control: Control,
  operators: Operators,
  document: RunDocument,
  card: CardKind,
  savedAt: number,
): Promise<Delivered> {
  const { run } = document;
  const records: Record<string, MessageRecord> = {};
  const problems: unknown[] = [];
  const busy: number[] = [];
  const shown = contentsOf(run, card, control.queuedLines.get(run.runId));
  for (const [binding, { number, content }] of run.task.bindings.flatMap((to) =>
    shown.map((what) => [to, what] as const),
  )) {
    const surface = control.surfaces.find((known) => known.name === binding.surface);
    if (surface === undefined || (binding.role === "operators" && !FOR_OPERATORS.includes(card))) continue;
    const key = messageKey(run.runId, binding, card, number);
    const known = document.messages[key];
    if (known !== undefined && known.deliveredVersion >= run.version) continue;
    const { surface: name, channel } = binding;
    const thread = known?.thread ?? threadOf(document, records, binding);
    const method = known === undefined ? "post" : "edit";
    const delivery = { runId: run.runId, effect: "publish", savedAt, to: { surface: name, method } } as const;
    const begun = control.clock.now();
    try {
      if (isForDigest(control, binding, card)) {
        const message = await operators.gather(run, binding);
        records[key] = { surface: name, channel, message, card, deliveredVersion: run.version };
        continue;
      }
      const delivered = await surface.put({ key, channel, thread, message: known?.message, card: content });
      records[key] = { surface: name, channel, ...delivered, card, deliveredVersion: run.version };
      tellDelivery(control, { ...delivery, begun, problem: undefined });
    } catch (error) {
      tellDelivery(control, { ...delivery, begun, problem: error });
      if (error instanceof BusyError) busy.push(control.clock.now() + error.retryAfterMs);
      else problems.push(error);
    }
  }
  const notBefore = earliest(busy);
  return {
    messages: records,
    ...(problems.length === 0 ? {} : { problem: problems[0] }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

/** Results may wait until several can be told at once; nothing else may. */
function isForDigest({ digestMs }: Control, { role }: Binding, card: CardKind): boolean {
  return role === "operators" && card === "result" && digestMs > 0;
}

function messageKey(runId: string, binding: Binding, card: CardKind, number: number): string {
  return [runId, binding.surface, binding.channel, binding.role, card, number].join("/");
}

/** Only where the notice stands already; the next look says it again where an edit does not arrive. */
export async function editNotice(control: Control, runId: string): Promise<void> {
  const document = await control.engine.read(runId);
  const queued = control.queuedLines.get(runId);
  const [shown] = document === undefined ? [] : contentsOf(document.run, "notice", queued);
  if (document === undefined || shown === undefined) return;
  for (const [key, known] of Object.entries(document.messages)) {
    const surface = control.surfaces.find(({ name }) => name === known.surface);
    if (known.card !== "notice" || surface === undefined) continue;
    const { channel, thread, message } = known;
    try {
      await surface.put({ key, channel, thread, message, card: shown.content });
    } catch (error) {
      control.log.debug({ runId, err: messageOf(error) }, "a notice could not say why its run waits");
    }
  }
}

/**
 * What is to be shown now. Each question is a message of its own; every other card has one message a run, edited in
 * place. A permission that was taken back is asked again: then its first card has to say so as well.
 */
function contentsOf(run: Run, card: CardKind, queued: string | undefined): { number: number; content: RunCard }[] {
  const words = translatorFor(run.language.language);
  const content = cardOf(run, card, words, queued);
  if (content === undefined) return [];
  if (card !== "decision") return [{ number: 0, content }];
  const [before, last] = run.decisions.slice(-2);
  const takenBack = before?.kind === "permission" && last?.kind === "permission";
  const number = run.decisions.length;
  const first = takenBack ? [{ number: number - 1, content: decisionCard(run, before, words) }] : [];
  return [...first, { number, content }];
}

/** All cards of a run stand in the thread that the first one opened there. */
function threadOf(document: RunDocument, fresh: Record<string, MessageRecord>, binding: Binding): string | undefined {
  const known = [...Object.values(document.messages), ...Object.values(fresh)].find(
    (record) => record.surface === binding.surface && record.channel === binding.channel && record.thread !== undefined,
  );
  return binding.thread ?? known?.thread;
}
