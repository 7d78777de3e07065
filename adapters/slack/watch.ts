import type { Alert } from "../../src/contracts/alert.ts";
import { keyed } from "../../src/i18n.ts";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import type { Channels } from "./channels.ts";

/** `login`: Slack does not take the token. `revoked`: it said that it took the rights away. */
type Refusal = "login" | "revoked";

/**
 * What keeps Slack from working now. States of affairs, which the monitor tells operators everywhere, once, and that
 * they are over: Slack itself may be what cannot be reached.
 */
export interface Watch {
  refused(how: Refusal, reason: string): void;
  /** Slack knows the bot. */
  welcome(): void;
  /** `open`: what was told and is not over, perhaps by a former process; it stays until it is known to be over. */
  troubles(open: readonly Alert[]): readonly Alert[];
  start(): void;
  stop(): void;
}

const LOOK_MS = 30_000;
/** A connection that Slack renews is back long before. */
const OFFLINE_MS = 120_000;
const CHANNEL = "slack:channel:";

/** Looks whether a connection to Slack stands, so that a dead one does not go unnoticed until somebody misses an answer. */
export function watchSlack(means: {
  readonly isConnected: () => boolean;
  readonly channels: Channels;
  readonly clock: Clock;
  readonly log: Log;
}): Watch {
  const { isConnected, channels, clock, log } = means;
  let lastSeen = clock.now();
  let callOff: () => void = () => undefined;
  let isKnown = false;
  let refusal: Alert | undefined;
  let isFirst = true;

  const look = (): void => {
    if (isConnected()) lastSeen = clock.now();
    channels
      .lookAgain()
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, "closed channels were not looked at"));
    callOff = clock.after(LOOK_MS, look);
  };
  const offline = (open: readonly Alert[]): readonly Alert[] => {
    if (isConnected()) return [];
    if (clock.now() - lastSeen >= OFFLINE_MS) return [alertOf("offline", lastSeen, "")];
    return open.filter(({ key }) => key === "slack:offline");
  };
  /** Closed channels of a former process are asked about, and told to be over only then. */
  const takeOver = (open: readonly Alert[]): void => {
    if (!isFirst) return;
    isFirst = false;
    for (const { key, since } of open) {
      if (key.startsWith(CHANNEL))
        channels.suspect({ channel: key.slice(CHANNEL.length), since, why: "not_in_channel" });
    }
  };

  return {
    refused: (how, reason) => {
      isKnown = true;
      refusal = alertOf(how, clock.now(), reason);
    },
    welcome: () => {
      isKnown = true;
      refusal = undefined;
    },
    troubles: (open) => {
      takeOver(open);
      const refusals = isKnown
        ? [refusal].filter((alert) => alert !== undefined)
        : open.filter(({ key }) => key === "slack:login" || key === "slack:revoked");
      const closed = channels.closed().map(({ channel, since, why }): Alert => ({
        key: `${CHANNEL}${channel}`,
        severity: "critical",
        since,
        standing: true,
        what: keyed("slack.alert.channel.what", { channel, reason: keyed(`slack.closed.${why}`) }),
        todo: keyed("slack.alert.channel.todo"),
      }));
      return [...offline(open), ...refusals, ...closed];
    },
    start: () => {
      lastSeen = clock.now();
      look();
    },
    stop: () => callOff(),
  };
}

function alertOf(trouble: Refusal | "offline", since: number, reason: string): Alert {
  return {
    key: `slack:${trouble}`,
    severity: "critical",
    since,
    standing: true,
    what: keyed(`slack.alert.${trouble}.what`, { reason }),
    todo: keyed(`slack.alert.${trouble}.todo`),
  };
}
