import { z } from "zod";
import { RunSummary } from "../../src/contracts/document.ts";

/** Raised whenever a program of another number could misunderstand the answers. */
export const PROTOCOL = 1;

/** Largest request body that is read, in bytes. */
export const BODY_LIMIT = 1024 * 1024;

/** First answer to a program: who is there, and whether they understand each other. */
export const Hello = z.object({
  product: z.literal("coxswain"),
  version: z.string(),
  protocol: z.number().int(),
  pid: z.number().int(),
});
export type Hello = z.infer<typeof Hello>;

/** `control.json` in the state root: where the owner answers, and the token that proves the same user (mode 0600). */
export const ControlFile = z.object({
  url: z.url(),
  token: z.string().min(32),
  pid: z.number().int(),
  protocol: z.number().int(),
  version: z.string(),
});
export type ControlFile = z.infer<typeof ControlFile>;

export const WorkedOn = z.object({ workedOn: z.boolean() });
export type WorkedOn = z.infer<typeof WorkedOn>;

/** Every answer that is not a success. */
export const ControlError = z.object({ code: z.string(), message: z.string() });
export type ControlError = z.infer<typeof ControlError>;

/** The run filter as it stands in an address. */
export const RunFilterParams = z.strictObject({
  status: RunSummary.shape.status.optional(),
  search: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(20),
  offset: z.coerce.number().int().min(0).default(0),
});

export const RunList = z.object({ runs: z.array(RunSummary), total: z.number().int().nonnegative() });
