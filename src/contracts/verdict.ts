import { z } from "zod";
import { Slug } from "./id.ts";
import { Text } from "./text.ts";

/** What something that was found means for the verdict of a run. */
export const Treatment = z.enum(["blocker", "warning", "accepted"]);
export type Treatment = z.infer<typeof Treatment>;

/**
 * How findings are treated: by the code of a finding or of something that could not be checked (`release_tag.taken`),
 * or by the id of a lane for everything that it reports. A code wins over a lane.
 */
export const Treatments = z.record(z.string().regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)?$/), Treatment);
export type Treatments = z.infer<typeof Treatments>;

/** The one answer that a macro's run gives, and everything that it rests on. */
export const Verdict = z.object({
  kind: z.enum(["blocked", "reservations", "ready"]),
  text: Text,
  /** What blocks first, then warnings, then what was accepted by a choice. */
  points: z.array(z.object({ treatment: Treatment, laneId: Slug, text: Text })),
});
export type Verdict = z.infer<typeof Verdict>;
