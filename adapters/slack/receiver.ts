import type { App, Receiver, ReceiverEvent } from "@slack/bolt";
import { CoxswainError, messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import { deliveryKey } from "./translate.ts";

/** What came from Slack, however it came. */
export interface Delivery {
  readonly body: ReceiverEvent["body"];
  readonly retry: { readonly number: number; readonly reason: string } | undefined;
}

/** What is sent back with the acknowledgement. `undefined`: nothing is acknowledged, so that Slack delivers it again. */
export type Answer = { readonly response: unknown } | undefined;

/** A way by which Slack reaches us. */
export interface Transport {
  start(take: (delivery: Delivery) => Promise<Answer>): Promise<void>;
  stop(): Promise<void>;
}

/** How long what came is remembered: Slack delivers again at once, after one minute and after five. */
const REMEMBERED_MS = 15 * 60_000;
const REMEMBERED = 20_000;

/**
 * Between Slack and Bolt. Bolt acknowledges events before any of our code has run, and knows no repetitions: a crash in
 * between would lose the event, and a redelivery would run twice. Here an event is acknowledged when all that it asked
 * for is saved, and whatever comes again, on one socket or two, shares the answer of the first.
 */
export function createReceiver(means: {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
}): Receiver & { idle(): Promise<void> } {
  const { transport, clock, log } = means;
  const known = new Map<string, { readonly at: number; readonly answer: Promise<Answer> }>();
  const underWay = new Set<Promise<void>>();
  let app: App | undefined;

  const take = (delivery: Delivery): Promise<Answer> => {
    const key = deliveryKey(delivery.body);
    const before = key === undefined ? undefined : known.get(key);
    if (before !== undefined && clock.now() - before.at < REMEMBERED_MS) return before.answer;
    const answer = handle(delivery).catch((error: unknown): Answer => {
      if (key !== undefined) known.delete(key);
      log.error({ err: messageOf(error), from: "slack" }, "a delivery of Slack was not taken in; it comes again");
      return undefined;
    });
    if (key !== undefined) {
      known.delete(key);
      known.set(key, { at: clock.now(), answer });
      if (known.size > REMEMBERED) known.delete(known.keys().next().value ?? "");
    }
    return answer;
  };
  const handle = ({ body, retry }: Delivery): Promise<Answer> => {
    const bolt = app;
    if (bolt === undefined)
      return Promise.reject(new CoxswainError("slack.early", "A delivery came before the start."));
    const isEvent = "event" in body;
    return new Promise<Answer>((resolve, reject) => {
      // Events have nothing to be answered with: done is when everything is done.
      const ack = async (response?: unknown): Promise<void> => {
        if (!isEvent) resolve({ response });
      };
      const retried = retry === undefined ? {} : { retryNum: retry.number, retryReason: retry.reason };
      const task = bolt
        .processEvent({ body, ack, ...retried })
        .then(() => resolve(isEvent ? { response: undefined } : undefined))
        .catch(reject)
        .finally(() => underWay.delete(task));
      underWay.add(task);
    });
  };

  return {
    init: (made) => {
      app = made;
    },
    start: () => transport.start(take),
    stop: async () => {
      await transport.stop();
      await Promise.all(underWay);
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
