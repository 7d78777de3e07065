import { z } from "zod";
import { Binding } from "./task.ts";

/** A channel of a surface and the folder that its runs are about: an absolute path once the settings are resolved. */
export const Channel = z.strictObject({
  ...Binding.pick({ surface: true, channel: true }).shape,
  workspace: z.string().min(1).max(4096),
});
export type Channel = z.infer<typeof Channel>;
