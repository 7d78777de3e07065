import { BusyError } from "../../src/errors.ts";
import type { Clock } from "../../src/ports.ts";

const FIRST_MS = 4000;
const GROWTH = 1.8;
const LONGEST_MS = 120_000;

/**
 * Edits of one message of progress, quick at first and then less often: who looks on sees it move, and a long run does
 * not use up what the whole workspace shares. What changes in between is shown together.
 */
export interface Spacing {
  /** Throws a BusyError where the last edit was too short a time ago. */
  allow(key: string): void;
  edited(key: string): void;
  /** Its last state stands. */
  end(key: string): void;
}

export function createSpacing(clock: Clock): Spacing {
  const messages = new Map<string, { readonly edits: number; readonly nextAt: number }>();
  return {
    allow: (key) => {
      const waitMs = (messages.get(key)?.nextAt ?? 0) - clock.now();
      if (waitMs > 0) throw new BusyError("slack.spacing", "Progress was shown a moment ago.", waitMs);
    },
    edited: (key) => {
      const edits = (messages.get(key)?.edits ?? 0) + 1;
      messages.set(key, { edits, nextAt: clock.now() + Math.min(LONGEST_MS, FIRST_MS * GROWTH ** (edits - 1)) });
    },
    end: (key) => {
      messages.delete(key);
    },
  };
}
