import { z } from "zod";

/** What the bot tells the supervisor: one order, then at most one stop. A closed channel is a stop as well. */
export type SupervisorCommand =
  | {
      readonly kind: "order";
      readonly argv: readonly string[];
      readonly cwd: string;
      readonly environment: Readonly<Record<string, string>>;
      /** Written to the worker's standard input, which is then closed. */
      readonly input: string;
      readonly timeLimitMs: number;
      readonly graceMs: number;
      /** `NAME=value` of the environment by which processes that left the group are found. */
      readonly marker: string;
    }
  | { readonly kind: "stop"; readonly because: "canceled" | "stalled" };

/** What the supervisor tells the bot: `not_started`, or `started` and later `ended`. */
export const SupervisorReport = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("not_started"), code: z.string(), message: z.string() }),
  z.object({ kind: z.literal("started"), pid: z.number().int().positive() }),
  z.object({
    kind: z.literal("ended"),
    exitCode: z.number().int().nullable(),
    signal: z.string().nullable(),
    stopped: z.enum(["time_limit", "stalled", "canceled"]).nullable(),
  }),
]);
export type SupervisorReport = z.infer<typeof SupervisorReport>;
