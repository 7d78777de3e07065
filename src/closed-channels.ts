import type { Alert } from "./contracts/alert.ts";
import type { Text } from "./contracts/text.ts";
import { BusyError, messageOf } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Clock } from "./ports.ts";

/** Channels of a surface that take nothing from the bot until people do something about it. */
export interface ClosedChannels {
  /**
   * Makes a call that shows something in a channel. One that is closed is not knocked at for each message: a BusyError
   * then leaves the message where it is saved, until `lookAgain` finds the channel open.
   */
  into<T>(channel: string, call: () => Promise<T>): Promise<T>;
  /** An alert for each, the one that was found closed first in front. */
  alerts(): readonly Alert[];
  /** Those among the alerts of a former process are taken for closed until the surface says otherwise. */
  takeOver(open: readonly Alert[]): void;
  /** Asks the surface of the closed ones whether they are open again; one round at a time. */
  lookAgain(): Promise<void>;
}

export interface ClosedChannelsMeans {
  /** The surface's name. */
  readonly surface: string;
  /** Why the surface lets the bot not in; undefined where the error says nothing of the kind. */
  readonly reasonOf: (error: unknown) => Text | undefined;
  /** Would the surface let the bot in now? Asks it; may reject, which is a no. */
  readonly isOpen: (channel: string) => Promise<boolean>;
  readonly words: (channel: string, reason: Text) => Pick<Alert, "what" | "todo">;
  readonly clock: Clock;
  readonly log: Log;
}

const CODE = "surface.closed_channel";
/** When a message may look again whether its channel is open. */
const KNOCK_MS = 30_000;

export function createClosedChannels(means: ClosedChannelsMeans): ClosedChannels {
  const { surface, reasonOf, isOpen, words, clock, log } = means;
  const prefix = `${surface}:channel:`;
  const closed = new Map<string, Alert>();
  let round: Promise<void> | undefined;

  const askAll = async (): Promise<void> => {
    for (const channel of closed.keys()) {
      if (await isOpen(channel).catch(() => false)) closed.delete(channel);
    }
  };
  return {
    into: async (channel, call) => {
      if (closed.has(channel)) throw closedError(channel);
      try {
        return await call();
      } catch (error) {
        const reason = reasonOf(error);
        if (reason === undefined) throw error;
        const since = clock.now();
        const key = `${prefix}${channel}`;
        closed.set(channel, { key, severity: "critical", since, standing: true, ...words(channel, reason) });
        log.error(
          { surface, channel, err: messageOf(error) },
          "a channel takes nothing from the bot; its messages wait",
        );
        throw closedError(channel);
      }
    },
    alerts: () => [...closed.values()],
    takeOver: (open) => {
      for (const alert of open) if (alert.key.startsWith(prefix)) closed.set(alert.key.slice(prefix.length), alert);
    },
    lookAgain: () => {
      round ??= askAll().finally(() => (round = undefined));
      return round;
    },
  };
}

function closedError(channel: string): BusyError {
  return new BusyError(CODE, `The channel ${channel} takes nothing from the bot now.`, KNOCK_MS);
}

/** Nothing that somebody waits for here and now can be shown there. */
export function isClosedError(error: unknown): boolean {
  return error instanceof BusyError && error.code === CODE;
}
