import { z } from "zod";
import { Answers } from "../../../src/contracts/decision.ts";
import { DecisionId, RunId } from "../../../src/contracts/id.ts";

/** Where a form was opened, so that what comes of it is said there. */
export const Place = z.object({ channel: z.string().max(200), thread: z.string().max(200).optional() });
export type Place = z.infer<typeof Place>;

/** What a form remembers between its pages; ids only. Slack takes 3,000 characters. */
export const FormMemory = z.discriminatedUnion("form", [
  z.object({
    form: z.literal("decision"),
    runId: RunId,
    decisionId: DecisionId,
    /** Of earlier pages: a linear question is asked after its parent's answer (G20). */
    answers: Answers,
    page: z.number().int().positive(),
    place: Place,
  }),
  z.object({ form: z.literal("run"), place: Place }),
  z.object({ form: z.literal("discard"), runId: RunId, place: Place }),
  z.object({ form: z.literal("retry"), runId: RunId, place: Place }),
]);
export type FormMemory = z.infer<typeof FormMemory>;

/** Undefined for a form of another version, or of nobody's. */
export function memoryOf(metadata: string): FormMemory | undefined {
  try {
    return FormMemory.safeParse(JSON.parse(metadata)).data;
  } catch {
    return undefined;
  }
}
