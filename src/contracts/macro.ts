import { z } from "zod";
import { Slug } from "./id.ts";
import { SpinePath } from "./stage.ts";
import { VerifyStep } from "./verify-step.ts";

/** Words in the shipped languages, keyed by tag. English is required; placeholders are ICU. */
export const LocalizedText = z.object({ en: z.string().min(1).max(500) }).catchall(z.string().min(1).max(500));
export type LocalizedText = z.infer<typeof LocalizedText>;

/** What kind of task it is (G11). Only C is built; the others are refused with what is possible instead. */
export const TaskType = z.enum(["A", "B", "C", "D", "E"]);
export type TaskType = z.infer<typeof TaskType>;

export const Risk = z.enum(["low", "medium", "high"]);
export type Risk = z.infer<typeof Risk>;

const argumentBase = { title: LocalizedText, description: LocalizedText.optional() };

/** An argument of a macro; people can edit it on the card before they approve. */
export const MacroArgument = z.discriminatedUnion("type", [
  z.object({
    ...argumentBase,
    type: z.literal("integer"),
    default: z.number().int(),
    min: z.number().int().optional(),
    max: z.number().int().optional(),
  }),
  z.object({
    ...argumentBase,
    type: z.literal("string"),
    default: z.string().max(1000),
    maxLength: z.number().int().positive().max(1000).default(200),
    pattern: z.string().optional(),
  }),
  z.object({ ...argumentBase, type: z.literal("boolean"), default: z.boolean() }),
  z.object({ ...argumentBase, type: z.literal("choice"), default: z.string(), choices: z.array(z.string()).min(2) }),
  /** Which of the macro's lanes the option "my own selection" of the scope question dispatches. */
  z.object({ ...argumentBase, type: z.literal("lanes"), default: z.array(Slug) }),
]);
export type MacroArgument = z.infer<typeof MacroArgument>;

export const ArgumentValue = z.union([
  z.string().max(1000),
  z.number(),
  z.boolean(),
  z.array(z.string().max(200)).max(100),
]);
export type ArgumentValue = z.infer<typeof ArgumentValue>;

/** When a lane or an option makes sense, decided on what Fetch saw in the workspace. All must hold. */
export const EvidenceCondition = z.object({
  hasManifest: z.boolean().optional(),
  hasLockfile: z.boolean().optional(),
  hasTestCommand: z.boolean().optional(),
  hasDependencies: z.boolean().optional(),
  hasHistory: z.boolean().optional(),
  hasMarkdown: z.boolean().optional(),
  minTrackedFiles: z.number().int().optional(),
});
export type EvidenceCondition = z.infer<typeof EvidenceCondition>;

export const MacroLane = z.object({
  id: Slug,
  title: LocalizedText,
  /** Coarse business role that people see (G25): a key of `role.*` in the catalogue. */
  role: z.enum(["frontend", "backend", "test", "data", "docs", "security", "operations"]),
  /** The capability looked for in the index layers (G22); never the name of an agent. */
  need: z.string().min(3).max(200),
  /** Words that make the need findable. */
  keywords: z.array(z.string().min(2).max(60)).min(1),
  /** Lanes that must have succeeded before. */
  dependsOn: z.array(Slug).default([]),
  /** Globs of what it may write, in its own copy of the workspace. Empty: it writes nothing. */
  writes: z.array(z.string()).default([]),
  /** May an interrupted attempt be repeated without asking? Default: only where nothing is written. */
  repeatable: z.boolean().optional(),
  /** What it uses beyond reading files; the risk question is built from it. */
  uses: z.array(z.enum(["network", "repository_code"])).default([]),
  required: z.boolean().default(false),
  when: EvidenceCondition.default({}),
  /** Which lanes are worth it when only the most important is wanted. */
  essential: z.boolean().default(false),
  verify: z.array(VerifyStep).min(1),
  timeLimitMs: z
    .number()
    .int()
    .min(1000)
    .max(6 * 3600_000),
  /** How often a retryable failure is tried again. */
  retries: z.number().int().min(0).max(10).default(1),
  /** First guess of the cost; later learned from past runs. */
  expectedMs: z.number().int().positive().default(5000),
});
export type MacroLane = z.infer<typeof MacroLane>;

/** What choosing an option changes. Nothing else: an option without an effect is refused at load. */
export const OptionEffect = z.object({
  includeLanes: z.array(Slug).optional(),
  excludeLanes: z.array(Slug).optional(),
  setArgs: z.record(z.string(), ArgumentValue).optional(),
});
export type OptionEffect = z.infer<typeof OptionEffect>;

/** The five fields of every option (G7), in plain language. */
export const OptionFields = z.object({
  label: LocalizedText,
  changes: LocalizedText,
  solves: LocalizedText,
  result: LocalizedText,
  advantages: LocalizedText,
  disadvantages: LocalizedText,
});
export type OptionFields = z.infer<typeof OptionFields>;

export const MacroQuestion = z.object({
  id: Slug,
  title: LocalizedText,
  when: EvidenceCondition.default({}),
  /** Ask only after one of these options of another question was chosen (a linear question, G20). */
  after: z.object({ question: Slug, options: z.array(Slug).min(1) }).optional(),
  options: z
    .array(
      z.object({
        id: Slug,
        ...OptionFields.shape,
        effect: OptionEffect,
        /** The option is recommended where this holds; the first such option wins. */
        recommendWhen: EvidenceCondition.optional(),
        recommendReason: LocalizedText.optional(),
        /** Where this does not hold, the option is shown as rejected, with the reason (G5). */
        available: EvidenceCondition.default({}),
        unavailableReason: LocalizedText.optional(),
      }),
    )
    .min(3)
    .max(4),
});
export type MacroQuestion = z.infer<typeof MacroQuestion>;

/** Ids of the questions that every confirmation asks (G7). */
const STANDARD_QUESTIONS = ["outcome", "scope", "style", "risk", "priority"] as const;

/** One kind of goal and how it is worked on: one file in `config/macros`. */
export const Macro = z
  .object({
    id: Slug,
    title: LocalizedText,
    description: LocalizedText,
    type: TaskType,
    path: SpinePath,
    risk: Risk,
    triggers: z.object({
      /** Phrases or words, in any language; a goal that holds one of them means this macro. */
      phrases: z.array(z.string().min(2).max(100)).min(1),
    }),
    args: z.record(Slug, MacroArgument).default({}),
    lanes: z.array(MacroLane).min(1).max(20),
    questions: z.array(MacroQuestion).max(2).default([]),
  })
  .superRefine((macro, ctx) => {
    const lanes = new Set(macro.lanes.map((lane) => lane.id));
    const complain = (path: (string | number)[], message: string) => ctx.addIssue({ code: "custom", path, message });
    if (lanes.size !== macro.lanes.length) complain(["lanes"], "two lanes have the same id");
    macro.lanes.forEach((lane, at) => {
      lane.dependsOn.forEach((id, n) => {
        if (!lanes.has(id))
          complain(["lanes", at, "dependsOn", n], `no lane is called "${id}" (lanes: ${[...lanes].join(", ")})`);
      });
    });
    const cyclic = firstCyclicLane(macro.lanes);
    if (cyclic !== undefined)
      complain(["lanes", cyclic, "dependsOn"], "this lane waits for itself, directly or through others");
    macro.questions.forEach((question, at) => {
      if (STANDARD_QUESTIONS.some((id) => id === question.id))
        complain(
          ["questions", at, "id"],
          `"${question.id}" is asked anyway; ids of your own: not ${STANDARD_QUESTIONS.join(", ")}`,
        );
      question.options.forEach((option, n) => {
        const { includeLanes = [], excludeLanes = [], setArgs = {} } = option.effect;
        for (const id of [...includeLanes, ...excludeLanes]) {
          if (!lanes.has(id)) complain(["questions", at, "options", n, "effect"], `no lane is called "${id}"`);
        }
        for (const id of Object.keys(setArgs)) {
          if (!(id in macro.args))
            complain(["questions", at, "options", n, "effect", "setArgs"], `no argument is called "${id}"`);
        }
      });
      const effects = question.options.map((option) => JSON.stringify(option.effect));
      if (new Set(effects).size !== effects.length) {
        complain(["questions", at, "options"], "two options change the same, so they are one option");
      }
    });
  });
export type Macro = z.infer<typeof Macro>;

function firstCyclicLane(lanes: readonly MacroLane[]): number | undefined {
  const done = new Set<string>();
  const open = [...lanes];
  for (;;) {
    const ready = open.filter((lane) =>
      lane.dependsOn.every((id) => done.has(id) || !open.some((other) => other.id === id)),
    );
    if (ready.length === 0) break;
    for (const lane of ready) {
      done.add(lane.id);
      open.splice(open.indexOf(lane), 1);
    }
  }
  const left = open[0];
  return left === undefined ? undefined : lanes.indexOf(left);
}
