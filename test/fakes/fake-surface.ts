import type { Card } from "../../src/contracts/card.ts";
import { BusyError } from "../../src/errors.ts";
import type { Surface, SurfaceMessage } from "../../src/ports.ts";

export interface ShownMessage {
  readonly key: string;
  readonly channel: string;
  readonly thread: string;
  readonly id: string;
  readonly cards: Card[];
}

export interface FakeSurface extends Surface {
  /** Messages by the order in which they were posted; `cards` holds every version that was shown. */
  readonly messages: ShownMessage[];
  /** The next deliveries fail as if the network were gone; `after` lets that many arrive before their answer is lost. */
  fail(times: number, arrive?: boolean): void;
  /** A channel that takes nothing; undefined: all take everything again. */
  close(channel: string | undefined): void;
  /** Cards of this kind are told to come again after `retryAfterMs`; undefined: none any more. */
  hold(kind: Card["kind"] | undefined, retryAfterMs?: number): void;
}

/** A surface that remembers what it was told to show, and posts every key once. */
export function createFakeSurface(name: string): FakeSurface {
  const messages: ShownMessage[] = [];
  let failures = 0;
  let arriving = false;
  let closed: string | undefined;
  let held: { kind: Card["kind"] | undefined; retryAfterMs: number } = { kind: undefined, retryAfterMs: 0 };
  const show = ({ key, channel, thread, message, card }: SurfaceMessage): ShownMessage => {
    const known = messages.find((shown) => shown.id === message || shown.key === key);
    if (known !== undefined) {
      known.cards.push(card);
      return known;
    }
    const id = `${name}-${messages.length + 1}`;
    const posted = { key, channel, thread: thread ?? `thread-${id}`, id, cards: [card] };
    messages.push(posted);
    return posted;
  };
  return {
    name,
    messages,
    fail: (times, arrive = false) => {
      failures = times;
      arriving = arrive;
    },
    close: (channel) => {
      closed = channel;
    },
    hold: (kind, retryAfterMs = 1000) => {
      held = { kind, retryAfterMs };
    },
    put: async (message) => {
      if (message.channel === closed) throw new BusyError("fake.closed", "the channel takes nothing", 30_000);
      if (message.card.kind === held.kind) throw new BusyError("fake.busy", "not its turn yet", held.retryAfterMs);
      if (failures > 0) {
        failures -= 1;
        if (arriving) show(message);
        throw new Error("the network is gone");
      }
      const { thread, id } = show(message);
      return { thread, message: id };
    },
  } satisfies FakeSurface;
}
