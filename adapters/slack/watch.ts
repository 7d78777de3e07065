import type { Alert } from "../../src/contracts/alert.ts";
import { messageOf } from "../../src/errors.ts";
import { keyed } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";

export type Trouble = "login" | "revoked" | "offline";

export interface Watch {
  /** Operators everywhere hear of it; Slack itself may be what cannot be reached. */
  tell(trouble: Trouble, since: number, reason: string): void;
  stop(): void;
}

const LOOK_MS = 30_000;
/** A connection that Slack renews is back long before. */
const OFFLINE_MS = 120_000;

/** Looks whether a connection to Slack stands, so that a dead one does not go unnoticed until somebody misses an answer. */
export function watchSlack(means: {
  readonly isConnected: () => boolean;
  readonly raise: (alerts: readonly Alert[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}): Watch {
  const { isConnected, raise, clock, log } = means;
  let lastSeen = clock.now();
  let told = false;
  let callOff: () => void;

  const tell = (trouble: Trouble, since: number, reason: string): void => {
    const alert: Alert = {
      key: `slack:${trouble}:${since}`,
      severity: "critical",
      since,
      what: keyed(`slack.alert.${trouble}.what`, { reason }),
      todo: keyed(`slack.alert.${trouble}.todo`),
    };
    raise([alert]).catch((error: unknown) => log.error({ err: messageOf(error) }, "an alert was not saved"));
  };
  const look = (): void => {
    if (isConnected()) {
      lastSeen = clock.now();
      told = false;
    } else if (!told && clock.now() - lastSeen >= OFFLINE_MS) {
      told = true;
      tell("offline", lastSeen, "");
    }
    callOff = clock.after(LOOK_MS, look);
  };
  callOff = clock.after(LOOK_MS, look);
  return { tell, stop: () => callOff() };
}
