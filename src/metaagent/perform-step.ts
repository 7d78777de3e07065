import type { StageStep } from "../contracts/dispatch.ts";
import type { RunEvent } from "../contracts/event.ts";
import type { Run } from "../contracts/run.ts";
import type { Artifact } from "../contracts/worker.ts";
import { reportMarkdown } from "../cards/report.ts";
import { reportNameInWorkspace } from "../cards/report-name.ts";
import { CoxswainError } from "../errors.ts";
import { translatorFor } from "../i18n.ts";
import { searchOf } from "../spine/query.ts";
import { judgeOffer, reportForbiddenIn } from "../spine/policy-check.ts";
import type { StepEventKind, StepResult } from "../spine/step.ts";
import { criticalStep } from "../spine/steps/critical.ts";
import { evolutionStep } from "../spine/steps/evolution.ts";
import { fetchQueryStep } from "../spine/steps/fetch-query.ts";
import { fetchStep } from "../spine/steps/fetch.ts";
import { metaReviewStep } from "../spine/steps/meta-review.ts";
import { reviewStep } from "../spine/steps/review.ts";
import { thinkingAnswerStep } from "../spine/steps/thinking-answer.ts";
import { thinkingFrameStep } from "../spine/steps/thinking-frame.ts";
import { thinkingPlanStep } from "../spine/steps/thinking-plan.ts";
import { verificationStep } from "../spine/steps/verification.ts";
import type { Control } from "./deps.ts";
import { gatherForReview, gatherForVerification, stepInput } from "./gather.ts";

/** A stage's own work: gather what it needs, let the pure step decide, and keep what it leaves. */
export async function performStep(
  control: Control,
  run: Run,
  step: StageStep,
  signal: AbortSignal,
): Promise<StepResult<StepEventKind>> {
  switch (step) {
    case "critical":
      return criticalStep(stepInput(control, run));
    case "fetch": {
      const evidence = await control.workspace.inspect(run.task.workspace, signal);
      const sought = searchOf(run, control.catalog.macros);
      if (sought === undefined) return fetchStep({ ...stepInput(control, run), evidence });
      const found = await control.workspace.search(run.task.workspace, sought, signal);
      return fetchQueryStep({ ...stepInput(control, run), evidence, found });
    }
    case "thinking_frame":
      return run.queryBypass ? thinkingAnswerStep(stepInput(control, run)) : thinkingFrameStep(stepInput(control, run));
    case "thinking_plan":
      return thinkingPlanStep(stepInput(control, run));
    case "review":
      return reviewStep(await gatherForReview(control, run, signal));
    case "meta_review":
      return metaReviewStep(await gatherForReview(control, run, signal));
    case "verification":
      return {
        ...verificationStep(await gatherForVerification(control, run, signal)),
        policy: judgeOffer(run, control.policyFor),
      };
    case "evolution":
      return withReport(control, run, evolutionStep(stepInput(control, run)));
  }
}

/** The report is on disk, flushed, before the run may be called complete. */
async function withReport(
  control: Control,
  run: Run,
  result: StepResult<"evolution.completed">,
): Promise<StepResult<"evolution.completed">> {
  const translator = translatorFor(run.language.language);
  const markdown = reportMarkdown({ ...run, packets: { ...run.packets, ...result.packets } }, translator);
  const artifact: Artifact = await control.files.writeArtifact(run.runId, "artifacts/report.md", markdown);
  if (run.packets.runHeader?.outcome === "report_in_workspace") await keepInWorkspace(control, run, markdown);
  return { ...result, artifacts: [artifact] };
}

/** The one explicit, chosen step by which something leaves the run. Named after the run, so that repeating it is harmless. */
async function keepInWorkspace(control: Control, run: Run, markdown: string): Promise<void> {
  const name = reportNameInWorkspace(run);
  // Such an outcome cannot be chosen; only a rule that came after the choice can forbid it here.
  const forbidden = reportForbiddenIn(run, control.policyFor, name)?.rule;
  if (forbidden !== undefined) {
    const { file, line, text } = forbidden;
    throw new CoxswainError("policy.denied", `${file}:${line} forbids the new file ${name}: ${text}`);
  }
  try {
    await control.workspace.keep(run.task.workspace, name, markdown);
  } catch (error) {
    if (!(error instanceof CoxswainError && error.code === "workspace.file_exists")) throw error;
  }
}

/** The event of a finished step; id and fence come from its dispatch. */
export function stepEvent(
  result: StepResult<StepEventKind>,
  fence: { id: string; at: number; dispatchId: string; attempt: number },
): RunEvent {
  return { ...result, ...fence };
}
