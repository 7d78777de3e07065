import type { ClosedChannels } from "./closed-channels.ts";
import type { Alert } from "./contracts/alert.ts";
import { messageOf } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Clock } from "./ports.ts";

/**
 * What keeps a surface from working now: refusals, a lost connection, closed channels. States of affairs, which the
 * monitor tells operators everywhere, once, and that they are over: the surface itself may be what cannot be reached.
 */
export interface SurfaceWatch<Refusal extends string> {
  /** Stands until it is over; `reason` in the surface's own words. */
  refused(how: Refusal, reason: string): void;
  /** Does not stand now; until this or the opposite is known, what a former process told of it holds. */
  over(...refusals: readonly Refusal[]): void;
  /** `open`: what was told and is not over, perhaps by a former process; it stays until it is known to be over. */
  troubles(open: readonly Alert[]): readonly Alert[];
  start(): void;
  stop(): void;
}

export interface SurfaceWatchMeans<Refusal extends string> {
  /** The surface's name. */
  readonly surface: string;
  readonly refusals: readonly Refusal[];
  readonly isConnected: () => boolean;
  readonly channels: ClosedChannels;
  readonly words: (trouble: Refusal | "offline", reason: string) => Pick<Alert, "what" | "todo">;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_MS = 30_000;
/** A connection that is renewed, or resumed, is back long before. */
const OFFLINE_MS = 120_000;

/** Looks whether a connection stands, so that a dead one does not go unnoticed until somebody misses an answer. */
export function watchSurface<Refusal extends string>(means: SurfaceWatchMeans<Refusal>): SurfaceWatch<Refusal> {
  const { surface, refusals, isConnected, channels, words, clock, log } = means;
  /** Where something is known of a refusal; undefined: that it does not stand. */
  const known = new Map<Refusal, Alert | undefined>();
  let lastSeen = clock.now();
  let isFirst = true;
  let callOff: () => void = () => undefined;

  const keyOf = (trouble: Refusal | "offline"): string => `${surface}:${trouble}`;
  const alertOf = (trouble: Refusal | "offline", since: number, reason: string): Alert => {
    return { key: keyOf(trouble), severity: "critical", since, standing: true, ...words(trouble, reason) };
  };
  const look = (): void => {
    if (isConnected()) lastSeen = clock.now();
    channels
      .lookAgain()
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, "closed channels were not looked at"));
    callOff = clock.after(LOOK_MS, look);
  };
  const standing = (refusal: Refusal, open: readonly Alert[]): Alert | undefined =>
    known.has(refusal) ? known.get(refusal) : open.find(({ key }) => key === keyOf(refusal));
  const offline = (open: readonly Alert[], isExplained: boolean): readonly Alert[] => {
    if (isConnected()) return [];
    const told = open.filter(({ key }) => key === keyOf("offline"));
    // A refusal says why nobody is heard: one alert for one cause.
    if (told.length > 0 || isExplained || clock.now() - lastSeen < OFFLINE_MS) return told;
    return [alertOf("offline", lastSeen, "")];
  };

  return {
    refused: (how, reason) => {
      const since = known.get(how)?.since ?? clock.now();
      known.set(how, alertOf(how, since, reason));
    },
    over: (...some) => {
      for (const refusal of some) known.set(refusal, undefined);
    },
    troubles: (open) => {
      if (isFirst) channels.takeOver(open);
      isFirst = false;
      const refused = refusals.map((refusal) => standing(refusal, open)).filter((alert) => alert !== undefined);
      return [...offline(open, refused.length > 0), ...refused, ...channels.alerts()];
    },
    start: () => {
      lastSeen = clock.now();
      look();
    },
    stop: () => callOff(),
  };
}
