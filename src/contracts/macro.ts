import { z } from "zod";
import { Slug } from "./id.ts";
import { ArgumentValue, MacroArgument } from "./macro-argument.ts";
import { inconsistencies } from "./macro-consistency.ts";
import { SpinePath } from "./stage.ts";
import { LocalizedText } from "./text.ts";
import { Treatments } from "./verdict.ts";
import { DECLARED_COMMAND, VerifyStep } from "./verify-step.ts";

/** What kind of task it is (G11). Only C is built; the others are refused with what is possible instead. */
export const TaskType = z.enum(["A", "B", "C", "D", "E"]);
export type TaskType = z.infer<typeof TaskType>;

/** Longest silence of a worker in milliseconds: a report, or a line of output where the agent prints text, ends it. */
export const HeartbeatMs = z.number().int().min(200).max(3600_000);

/** What became of a macro that was changed after a run of it had been planned, when the run was retried (M8). */
export const MacroOnRedrive = z.enum(["taken", "kept"]);
export type MacroOnRedrive = z.infer<typeof MacroOnRedrive>;

/** How what failed is tried again, for one macro; what is not said follows the settings (M7). */
const MacroRetry = z
  .strictObject({
    baseMs: z.number().int().min(1).max(86_400_000).optional(),
    maxMs: z.number().int().min(1).max(86_400_000).optional(),
    /** Attempts in all, of a stage's own work and of each lane that does not say `retries` itself. */
    attempts: z.number().int().min(1).max(20).optional(),
  })
  .refine(({ baseMs, maxMs }) => baseMs === undefined || maxMs === undefined || maxMs >= baseMs, {
    error: "maxMs must not be below baseMs",
    path: ["maxMs"],
  });

export const Risk = z.enum(["low", "medium", "high"]);
export type Risk = z.infer<typeof Risk>;

/** When a lane or an option makes sense, decided on what Fetch saw in the workspace. All must hold. */
export const EvidenceCondition = z.object({
  hasManifest: z.boolean().optional(),
  hasLockfile: z.boolean().optional(),
  hasTestCommand: z.boolean().optional(),
  hasDependencies: z.boolean().optional(),
  hasHistory: z.boolean().optional(),
  hasMarkdown: z.boolean().optional(),
  minTrackedFiles: z.number().int().optional(),
  /** Every change is committed. */
  isClean: z.boolean().optional(),
  hasChangedFiles: z.boolean().optional(),
  /** There are files that git does not know and is not told to ignore. */
  hasUntrackedFiles: z.boolean().optional(),
  hasBuildCommand: z.boolean().optional(),
  /** A file at the top level names the version of the project. */
  hasVersion: z.boolean().optional(),
  /** All such files name the same version, and the changelog no newer one. */
  versionsAgree: z.boolean().optional(),
  changelogIsAhead: z.boolean().optional(),
  hasChangelog: z.boolean().optional(),
  /** The changelog says something about that version. */
  hasChangelogEntry: z.boolean().optional(),
  hasEmptyChangelogEntry: z.boolean().optional(),
  /** No tag of this repository names that version. */
  tagIsFree: z.boolean().optional(),
  /** The tag of that version stands at the commit that the run works on. */
  tagIsHere: z.boolean().optional(),
});
export type EvidenceCondition = z.infer<typeof EvidenceCondition>;

export const MacroLane = z.object({
  id: Slug,
  title: LocalizedText,
  /** Coarse business role that people see (G25): a key of `role.*` in the catalogue. */
  role: z.enum(["frontend", "backend", "test", "data", "docs", "security", "operations"]),
  /** The capability looked for in the index layers (G22); never the name of an agent. A lane with a command needs none. */
  need: z.string().min(3).max(200).default(DECLARED_COMMAND),
  /** Words that make the need findable. */
  keywords: z.array(z.string().min(2).max(60)).min(1).default(["declared command"]),
  /**
   * Program and arguments, never passed through a shell. `{arg:name}` is the value of an argument, as a whole word or
   * as a part of one; `{workspace}` is the workspace's own folder (the lane's current folder is its copy).
   */
  command: z.array(z.string().min(1).max(1000)).min(1).max(100).optional(),
  /** Lanes that must have succeeded before. */
  dependsOn: z.array(Slug).default([]),
  /** Globs of what it may write, in its own copy of the workspace. Empty: it writes nothing. */
  writes: z.array(z.string()).default([]),
  /**
   * What becomes of its changes once they are checked: people are asked, and a branch is made in the workspace's
   * repository when they approve. Such a lane works only where it was chosen explicitly.
   */
  keeps: z.enum(["branch"]).optional(),
  /** May an interrupted attempt be repeated without asking? Default: only where nothing is written. */
  repeatable: z.boolean().optional(),
  /** What it uses beyond reading files; the risk question is built from it. */
  uses: z.array(z.enum(["network", "repository_code"])).default([]),
  /** Commands of the repository that its worker runs, as Fetch finds them: rules on commands are held to them (M6). */
  runs: z.array(z.enum(["test_command", "build_command"])).default([]),
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
  /** How often a retryable failure is tried again; without it as the macro's `retry` says, else once. */
  retries: z.number().int().min(0).max(10).optional(),
  /** How long its worker may be silent, over what its agent declares. */
  heartbeatMs: HeartbeatMs.optional(),
  /** First guess of the cost; later learned from past runs. */
  expectedMs: z.number().int().positive().default(5000),
});
export type MacroLane = z.infer<typeof MacroLane>;

/** What choosing an option changes. Nothing else: an option without an effect is refused at load. */
export const OptionEffect = z.object({
  includeLanes: z.array(Slug).optional(),
  excludeLanes: z.array(Slug).optional(),
  setArgs: z.record(z.string(), ArgumentValue).optional(),
  /** What findings mean for the verdict of the macro. */
  treats: Treatments.optional(),
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
        /** Goals that ask for this option by their words; where it can be chosen, it is recommended before all others. */
        recommendFor: z
          .object({ phrases: z.array(z.string().min(2).max(100)).min(1), reason: LocalizedText })
          .optional(),
        /** Where this does not hold, the option is shown as rejected, with the reason (G5). */
        available: EvidenceCondition.default({}),
        unavailableReason: LocalizedText.optional(),
      }),
    )
    .min(3)
    .max(4),
});
export type MacroQuestion = z.infer<typeof MacroQuestion>;

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
    retry: MacroRetry.optional(),
    /** A question that Fetch answers itself, by reading only: no worker, no card, and so no lanes (G8, G14). */
    query: z.enum(["find_text"]).optional(),
    lanes: z.array(MacroLane).max(20).default([]),
    /** Each is asked only where its condition holds on the evidence; few enough can hold at once. */
    questions: z.array(MacroQuestion).max(20).default([]),
    /**
     * The one answer that a run gives, in words for each outcome; {blockers}, {warnings} and {accepted} are counts.
     * Without `treats` findings that are critical or high block, medium and low ones are warnings.
     */
    verdict: z
      .object({
        blocked: LocalizedText,
        reservations: LocalizedText,
        ready: LocalizedText,
        treats: Treatments.default({}),
      })
      .optional(),
  })
  .superRefine((macro, ctx) => {
    for (const { path, message } of inconsistencies(macro)) ctx.addIssue({ code: "custom", path, message });
  });
export type Macro = z.infer<typeof Macro>;
