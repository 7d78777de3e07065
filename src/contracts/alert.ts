import { z } from "zod";
import { Instant, RunId } from "./id.ts";
import { Text } from "./text.ts";

/** Something operators must hear of: what, since when, how bad, what to do. `key` makes it one alert. */
export const Alert = z.object({
  key: z.string().min(1).max(200),
  severity: z.enum(["critical", "warning", "info"]),
  since: Instant,
  what: Text,
  todo: Text,
  runId: RunId.optional(),
  /** A state of affairs that the monitor sees: over when it is not seen any more. */
  standing: z.literal(true).optional(),
  /** The card of the run that says the same: where it is shown, the alert is not posted as well. */
  card: z.literal("dead_letter").optional(),
});
export type Alert = z.infer<typeof Alert>;
