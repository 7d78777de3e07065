import type { Door } from "../../src/ports.ts";

/** The clicks on a run reach the door in the order in which they arrived. */
export interface Turns {
  /** The door for one click on a run: what it asks for waits until all earlier clicks have asked, or ask nothing. */
  take(runId: string, door: Door): Turn;
}

export interface Turn {
  readonly door: Door;
  /** It asks for nothing more. */
  end(): void;
}

/**
 * A selection looks the card up before it knocks, a confirmation does not: the confirmation of somebody quick, or of a
 * batch that comes after a break, would otherwise overtake the selection, and mean what stood chosen before.
 */
export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    take: (runId, door) => {
      const before = last.get(runId);
      const { promise, resolve } = Promise.withResolvers<void>();
      last.set(runId, promise);
      const end = (): void => {
        resolve();
        if (last.get(runId) === promise) last.delete(runId);
      };
      return {
        door: {
          handle: async (command) => {
            await before;
            const reply = door.handle(command);
            end();
            return reply;
          },
        },
        end,
      };
    },
  };
}
