import type { Surface } from "../../src/ports.ts";
import type { ThreadStore } from "./store.ts";
import { threadOf } from "./thread.ts";

export const SURFACE_NAME = "web";

/** The console as a place where runs are shown. The thread of a run is named by the run, so posting twice is once. */
export function createWebSurface(store: ThreadStore): Surface {
  return {
    name: SURFACE_NAME,
    put: async ({ key, channel, card }) => {
      await store.putCard(channel, key, card);
      return { thread: threadOf(card), message: key };
    },
  };
}
