import type { Clock } from "../../../src/ports.ts";

/** What Slack documents: calls in a window of milliseconds, and what they are counted by. */
const RATES: Readonly<
  Record<string, { readonly calls: number; readonly windowMs: number; readonly by: "channel" | "workspace" }>
> = {
  // About one a second, short bursts allowed.
  "chat.postMessage": { calls: 3, windowMs: 3000, by: "channel" },
  "chat.update": { calls: 50, windowMs: 60_000, by: "workspace" },
  "conversations.replies": { calls: 50, windowMs: 60_000, by: "workspace" },
  "conversations.history": { calls: 50, windowMs: 60_000, by: "workspace" },
  "chat.postEphemeral": { calls: 100, windowMs: 60_000, by: "workspace" },
  "views.open": { calls: 100, windowMs: 60_000, by: "workspace" },
  "views.update": { calls: 100, windowMs: 60_000, by: "workspace" },
  "users.info": { calls: 100, windowMs: 60_000, by: "workspace" },
  "usergroups.users.list": { calls: 20, windowMs: 60_000, by: "workspace" },
  "files.getUploadURLExternal": { calls: 100, windowMs: 60_000, by: "workspace" },
  "files.completeUploadExternal": { calls: 100, windowMs: 60_000, by: "workspace" },
};

export interface Rates {
  /** 0: it may be made. Otherwise after how many seconds to come again. */
  take(method: string, channel: string): number;
}

export function createRates(clock: Pick<Clock, "now">): Rates {
  const made = new Map<string, number[]>();
  return {
    take: (method, channel) => {
      const rate = RATES[method];
      if (rate === undefined) return 0;
      const lane = rate.by === "channel" ? `${method}/${channel}` : method;
      const now = clock.now();
      const recent = (made.get(lane) ?? []).filter((at) => at > now - rate.windowMs);
      made.set(lane, recent);
      if (recent.length >= rate.calls) return Math.max(1, Math.ceil(((recent[0] ?? now) + rate.windowMs - now) / 1000));
      recent.push(now);
      return 0;
    },
  };
}
