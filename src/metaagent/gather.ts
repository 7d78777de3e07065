import { createHash } from "node:crypto";
import type { Run } from "../contracts/run.ts";
import { messageOf } from "../errors.ts";
import { SHIPPED_LANGUAGES } from "../i18n.ts";
import type { ReviewInput, StepInput, VerificationInput } from "../spine/step.ts";
import { openLaneCopy } from "./copies.ts";
import type { Control } from "./deps.ts";

/** What every step is given; the steps themselves touch nothing. */
export function stepInput(control: Control, run: Run): StepInput {
  const operations = control.engine.operations();
  return {
    run,
    at: control.clock.now(),
    catalog: control.catalog,
    policyFor: control.policyFor,
    costs: operations.costs,
    // What went wrong in another folder is not this one's to tell, nor its people's to read.
    scars: operations.scars.filter(({ workspace }) => workspace === run.task.workspace),
    owners: operations.owners,
    languages: SHIPPED_LANGUAGES,
  };
}

/** Reads afresh what Review compares the workers' results with. */
export async function gatherForReview(control: Control, run: Run, signal: AbortSignal): Promise<ReviewInput> {
  const lines = new Map<string, readonly string[] | undefined>();
  const artifacts = new Map<string, { sha256: string; bytes: number } | undefined>();
  for (const lane of Object.values(run.lanes)) {
    if (lane.status !== "succeeded") continue;
    const copy = await openLaneCopy(control.workspace, run, lane.laneId, signal);
    const paths = new Set(
      lane.result.findings.flatMap((finding) => (finding.line === undefined ? [] : (finding.file ?? []))),
    );
    for (const path of paths) {
      lines.set(`${lane.laneId}\n${path}`, copy === undefined ? undefined : await control.workspace.lines(copy, path));
    }
    for (const artifact of lane.result.artifacts) {
      const content = await control.files.readArtifact(run.runId, artifact.path);
      artifacts.set(artifact.path, content === undefined ? undefined : seal(content));
    }
  }
  return { ...stepInput(control, run), lines, artifacts };
}

export async function gatherForVerification(
  control: Control,
  run: Run,
  signal: AbortSignal,
): Promise<VerificationInput> {
  const review = await gatherForReview(control, run, signal);
  let fingerprint: string | undefined;
  try {
    fingerprint = await control.workspace.fingerprint(run.task.workspace, signal);
  } catch (error) {
    // A workspace that is gone at the end is reported as not checked; the results themselves still stand.
    control.log.warn({ runId: run.runId, err: messageOf(error) }, "the workspace could not be compared");
  }
  return { ...review, fingerprint };
}

function seal(content: Buffer): { sha256: string; bytes: number } {
  return { sha256: createHash("sha256").update(content).digest("hex"), bytes: content.byteLength };
}
