import { z } from "zod";
import { CRASH_PARTS, WORST_MOMENTS } from "./crash-parts.ts";

/** What one life of the crash trial's bot is to do, and how it is to die. */
export const CrashOrder = z.object({
  stateRoot: z.string(),
  workspace: z.string(),
  /** The runs from the first on; a later life knows more of them. */
  parts: z.array(z.enum(CRASH_PARTS)),
  kill: z.discriminatedUnion("at", [
    /** Not by itself. */
    z.object({ at: z.literal("never") }),
    z.object({ at: z.literal("change"), count: z.number().int().positive() }),
    /** Right when the event of such a moment was saved. */
    z.object({ at: z.literal("saved"), moment: z.enum(WORST_MOMENTS) }),
    /** So long after its command was sent. */
    z.object({ at: z.literal("sent"), moment: z.enum(WORST_MOMENTS), afterMs: z.number().nonnegative() }),
  ]),
  /** Files that the bot appends to: what was acknowledged, and which runs it saw end. */
  acks: z.string(),
  ended: z.string(),
});
export type CrashOrder = z.infer<typeof CrashOrder>;
