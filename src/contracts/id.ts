import { z } from "zod";

/** Ids carry a prefix that says what they name; the rest is lower-case base 32 or counted. */
export const RunId = z.string().regex(/^run_[a-z0-9]{8,40}$/, "a run id looks like run_4k2m9x7q1b");
export type RunId = z.infer<typeof RunId>;

/** A dispatch of a run, counted inside it: `dsp_<rest of the run id>_<n>`. */
export const DispatchId = z.string().regex(/^dsp_[a-z0-9]{8,40}_[0-9]+$/);
export type DispatchId = z.infer<typeof DispatchId>;

/** A decision of a run, counted inside it: `dec_<rest of the run id>_<n>`. */
export const DecisionId = z.string().regex(/^dec_[a-z0-9]{8,40}_[0-9]+$/);
export type DecisionId = z.infer<typeof DecisionId>;

/** Names that users write in files: lower case, digits, `-` and `_`. */
export const Slug = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, "lower-case letters, digits, - and _, at most 64, starting with a letter");
export type Slug = z.infer<typeof Slug>;

/** Milliseconds since the epoch. */
export const Instant = z.number().int().nonnegative();
export type Instant = z.infer<typeof Instant>;

/** Who asked or answered: a person or a program on a surface. */
export const Actor = z.object({
  surface: Slug,
  user: z.string().min(1).max(200),
  /** As shown to people; never used to authorize. */
  displayName: z.string().max(200).optional(),
});
export type Actor = z.infer<typeof Actor>;

/** Who acts where a program does, through the automation API or in code. */
export const AUTOMATION = { surface: "api", user: "automation" } as const satisfies Actor;

export const CommitHash = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "a full commit hash");
export type CommitHash = z.infer<typeof CommitHash>;

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export type Sha256 = z.infer<typeof Sha256>;
