import type { Call } from "./rest.ts";

interface Bucket {
  used: number;
  resetsAt: number;
}

/** As Discord counts calls; `speed` times as fast, for trials on a faster clock. Times are of the real clock. */
export interface Rates {
  /** Headers of the answer, and whether the call is refused with 429. */
  count(call: Call): {
    readonly limited: boolean;
    readonly retryAfter: number;
    readonly headers: Record<string, string>;
  };
  readonly limited: () => number;
}

const GLOBAL = { limit: 50, ms: 1000 };
const MESSAGES = { limit: 5, ms: 5000 };

export function createRates(speed: number): Rates {
  const buckets = new Map<string, Bucket>();
  let refused = 0;
  const use = (name: string, { limit, ms }: typeof GLOBAL): { left: number; resetMs: number } => {
    const now = Date.now();
    const known = buckets.get(name);
    const bucket = known === undefined || known.resetsAt <= now ? { used: 0, resetsAt: now + ms / speed } : known;
    bucket.used += 1;
    buckets.set(name, bucket);
    return { left: limit - bucket.used, resetMs: bucket.resetsAt - now };
  };
  return {
    limited: () => refused,
    count: (call) => {
      const [, channel] = /^\/channels\/(\d+)\/messages/u.exec(call.path) ?? [];
      // Answers to interactions count in no limit.
      if (call.path.startsWith("/interactions/") || call.path.startsWith("/webhooks/")) {
        return { limited: false, retryAfter: 0, headers: {} };
      }
      const all = use("global", GLOBAL);
      const bucket = `${call.method}-messages`;
      const own = channel === undefined ? undefined : use(`${bucket}/${channel}`, MESSAGES);
      const limited = all.left < 0 || (own !== undefined && own.left < 0);
      if (limited) refused += 1;
      const { left, resetMs } = own !== undefined && own.left < 0 ? own : all.left < 0 ? all : (own ?? all);
      const headers = {
        "x-ratelimit-limit": String(MESSAGES.limit),
        "x-ratelimit-remaining": String(Math.max(0, left)),
        "x-ratelimit-reset-after": (resetMs / 1000).toFixed(3),
        "x-ratelimit-bucket": bucket,
      };
      return { limited, retryAfter: resetMs / 1000, headers: own === undefined && !limited ? {} : headers };
    },
  };
}
