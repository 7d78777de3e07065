import { resolve } from "node:path";
import { loadCatalog } from "../../adapters/catalog/load-catalog.ts";
import type { OpenDecision } from "../../src/contracts/decision.ts";
import type { RunEvent } from "../../src/contracts/event.ts";
import type { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import type { ArgumentValue } from "../../src/contracts/macro-argument.ts";
import type { Run } from "../../src/contracts/run.ts";
import type { MetaTask } from "../../src/contracts/task.ts";
import { resolveAnswers } from "../../src/commands/answers.ts";
import { translatorFor } from "../../src/i18n.ts";
import { policyWith } from "../../src/policy/compile.ts";
import { criticalStep } from "../../src/spine/steps/critical.ts";
import { fetchStep } from "../../src/spine/steps/fetch.ts";
import { thinkingFrameStep } from "../../src/spine/steps/thinking-frame.ts";
import { thinkingPlanStep } from "../../src/spine/steps/thinking-plan.ts";
import type { Catalog, StepInput } from "../../src/spine/step.ts";
import { transition } from "../../src/spine/transition.ts";
import { ADA, after, EVIDENCE, fenceOf, running, startedEvent, startEvent } from "../fixtures/run-events.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The catalog that ships, really loaded. */
export function shippedCatalog(): Promise<Catalog> {
  const path = resolve(ROOT, "config/capability-index/coxswain-capabilities.json");
  return loadCatalog({
    configFolders: [resolve(ROOT, "config")],
    capabilityIndexFiles: [{ layer: "canonical", path }],
  });
}

/** A repository with everything in it. */
export const RICH: WorkspaceEvidence = {
  ...EVIDENCE,
  revision: "0123456789abcdef",
  trackedFiles: 812,
  trackedBytes: 9_400_000,
  languages: [
    { name: "TypeScript", files: 640 },
    { name: "Markdown", files: 38 },
  ],
  manifests: [{ path: "package.json", ecosystem: "npm", dependencies: 41 }],
  lockfiles: ["package-lock.json"],
  history: { commits: 2310, authors: 17, firstCommitAt: 1, lastCommitAt: 2, shallow: false },
  ruleFiles: [{ path: "AGENTS.md", text: "# Rules\n\n- Use tabs.\n- Never push to main.\n" }],
  testCommand: { argv: ["npm", "test"], source: "package.json scripts.test" },
  markdownFiles: 38,
  uncommittedFiles: 2,
};

/** A small folder without manifest, tests and history. */
export const BARE: WorkspaceEvidence = {
  ...EVIDENCE,
  revision: null,
  isRepository: false,
  trackedFiles: 7,
  trackedBytes: 5100,
  history: { commits: 0, authors: 0, firstCommitAt: null, lastCommitAt: null, shallow: false },
  markdownFiles: 0,
};

export interface WalkOptions {
  readonly catalog: Catalog;
  readonly task?: Partial<MetaTask>;
  readonly evidence?: WorkspaceEvidence;
  readonly costs?: StepInput["costs"];
  readonly scars?: StepInput["scars"];
  readonly owners?: StepInput["owners"];
}

/** Starts a run and does its stages' own work by the real steps and the real transition, until a person is needed, or the plan stands. */
export function walk(options: WalkOptions, from?: Run): Run {
  let run = from ?? begin(options);
  while (run.status.kind === "active" && run.stage !== "execution") run = stepOnce(run, options);
  return run;
}

function begin({ task }: WalkOptions): Run {
  const start = startEvent();
  return transition(undefined, { ...start, task: { ...start.task, ...task } }).run;
}

export function inputFor(run: Run, { catalog, costs = {}, scars = [], owners = {} }: WalkOptions): StepInput {
  const policyFor = policyWith(catalog.policyRules);
  return { run, at: after(run), catalog, policyFor, costs, scars, owners, languages: ["en", "zh-CN"] };
}

function stepOnce(before: Run, options: WalkOptions): Run {
  const queued = before.dispatches.find((dispatch) => dispatch.status === "queued");
  if (queued === undefined) throw new Error(`nothing is queued in ${before.stage}`);
  const run = transition(before, startedEvent(before, queued)).run;
  const dispatch = running(run);
  if (dispatch.work.kind !== "stage") throw new Error(`unexpected work ${dispatch.work.kind}`);
  const input = inputFor(run, options);
  const fence = fenceOf(run, dispatch, "ended");
  const event = ((): RunEvent => {
    switch (dispatch.work.step) {
      case "critical":
        return { ...fence, ...criticalStep(input) };
      case "fetch":
        return { ...fence, ...fetchStep({ ...input, evidence: options.evidence ?? RICH }) };
      case "thinking_frame":
        return { ...fence, ...thinkingFrameStep(input) };
      case "thinking_plan":
        return { ...fence, ...thinkingPlanStep(input) };
      case "review":
      case "meta_review":
      case "verification":
      case "evolution":
        throw new Error(`the walk ends before ${dispatch.work.step}`);
    }
  })();
  return transition(run, event).run;
}

/** The open question card. */
export function openCard(run: Run): OpenDecision {
  const open = run.decisions.at(-1);
  if (open?.status !== "open") throw new Error(`no open question in ${run.stage} (${run.status.kind})`);
  return open;
}

/** Answers the open card like the door does: recommended options, with some chosen otherwise. */
export function answer(run: Run, others: Record<string, string> = {}, args: Record<string, ArgumentValue> = {}): Run {
  const card = openCard(run);
  const recommended = resolveAnswers(card, "recommended", {});
  if (!recommended.ok) throw new Error(recommended.code);
  const resolved = resolveAnswers(card, { ...recommended.answers, ...others }, args);
  if (!resolved.ok) throw new Error(`${resolved.code}: ${translatorFor("en").say(resolved.message)}`);
  return transition(run, {
    kind: "decision.answered",
    id: `answer:${card.decisionId}`,
    at: after(run),
    decisionId: card.decisionId,
    answers: resolved.answers,
    args: resolved.args,
    by: ADA,
  }).run;
}

/** From the goal to the plan, with these answers. */
export function planned(
  options: WalkOptions,
  others: Record<string, string> = {},
  args: Record<string, ArgumentValue> = {},
): Run {
  return walk(options, answer(walk(options), others, args));
}
