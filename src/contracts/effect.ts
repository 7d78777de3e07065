import { z } from "zod";
import { Alert } from "./alert.ts";
import { DispatchId, Instant } from "./id.ts";

/** Which card of a run is meant; each run has one message of a kind on a surface, edited in place. */
export const CardKind = z.enum(["notice", "decision", "result", "dead_letter"]);
export type CardKind = z.infer<typeof CardKind>;

/** What a transition asks the world to do. Saved with the run in one write, delivered at least once. */
export const Effect = z.discriminatedUnion("kind", [
  /** Put the dispatch into the queue; the scheduler says when. */
  z.object({ kind: z.literal("dispatch"), dispatchId: DispatchId }),
  /** Take it out of the queue, or stop its worker with its process tree. */
  z.object({ kind: z.literal("revoke"), dispatchId: DispatchId }),
  /** Bring the card up to date wherever the run is shown; the newest state wins. */
  z.object({ kind: z.literal("publish"), card: CardKind }),
  z.object({ kind: z.literal("alert"), alert: Alert }),
  /** What the alert of this key was about has been dealt with. */
  z.object({ kind: z.literal("alert_over"), key: Alert.shape.key }),
  /** Make the branch that was approved, once its time to undo is over. */
  z.object({ kind: z.literal("keep_change"), notBefore: Instant }),
  /** Remove an artifact that was thrown away; `path` as in the run's list. */
  z.object({ kind: z.literal("remove_artifact"), path: z.string().min(1) }),
  /** Nothing works in the run's copies of the workspace any more. */
  z.object({ kind: z.literal("close_workspace") }),
]);
export type Effect = z.infer<typeof Effect>;
