import { z } from "zod";
import { Evidence } from "./finding.ts";
import { Text } from "./text.ts";

/** Why something failed. `code` is stable; `text` says what was expected, what came, and what to do. */
export const Failure = z.object({
  code: z.string().regex(/^[a-z0-9_.-]+$/),
  retryable: z.boolean(),
  text: Text,
  evidence: z.array(Evidence).default([]),
});
export type Failure = z.infer<typeof Failure>;
