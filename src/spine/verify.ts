import { createHash } from "node:crypto";
import type { WorkspaceEvidence } from "../contracts/evidence.ts";
import type { StepOutcome, VerifyStep } from "../contracts/verify-step.ts";
import type { WorkerResult } from "../contracts/worker.ts";
import { counted } from "../contracts/text.ts";

/** What a pure verify step compares a worker's result with; read afresh, never taken from the worker. */
export interface Comparison {
  readonly laneId: string;
  readonly evidence: WorkspaceEvidence | undefined;
  /** Lines of a file in the lane's copy, without line ends; undefined where there is no such text file. */
  readonly linesOf: (path: string) => readonly string[] | undefined;
  /** Hash and size of an artifact now; undefined where it is gone. */
  readonly artifactAt: (path: string) => { readonly sha256: string; readonly bytes: number } | undefined;
}

type Verdict = Pick<StepOutcome, "passed" | "detail">;
export type PureStep = Exclude<VerifyStep, { kind: "command" }>;

/** Checks a result by reading only. `detail` says what was expected and what came. */
export function checkStep(step: PureStep, result: WorkerResult, comparison: Comparison): Verdict {
  switch (step.kind) {
    case "exit_code":
      return verdict(
        result.exitCode === step.equals,
        `exit code ${step.equals} expected, ${result.exitCode ?? "none"} came`,
      );
    case "facts_present": {
      const missing = step.facts.filter((fact) => !Object.hasOwn(result.facts, fact));
      return verdict(
        missing.length === 0,
        missing.length === 0 ? "all facts are there" : `missing facts: ${missing.join(", ")}`,
      );
    }
    case "fact_at_least": {
      const value = result.facts[step.fact];
      const enough = typeof value === "number" && value >= step.value;
      return verdict(enough, `${step.fact} at least ${step.value} expected, ${String(value ?? "nothing")} came`);
    }
    case "fact_equals_evidence": {
      const expected = evidenceValue(step.evidence, comparison.evidence);
      const value = result.facts[step.fact];
      return verdict(
        expected !== undefined && value === expected,
        `${step.fact} ${String(expected)} counted before, ${String(value ?? "nothing")} came`,
      );
    }
    case "findings_resolve":
      return checkFindings(result, comparison);
    case "artifact":
      return checkArtifact(step.path, result, comparison);
  }
}

function verdict(passed: boolean, detail: string): Verdict {
  return { passed, detail };
}

function evidenceValue(
  name: Extract<VerifyStep, { kind: "fact_equals_evidence" }>["evidence"],
  evidence: WorkspaceEvidence | undefined,
): number | string | undefined {
  switch (name) {
    case "trackedFiles":
      return evidence?.trackedFiles;
    case "commits":
      return evidence?.history.commits;
    case "authors":
      return evidence?.history.authors;
    case "revision":
      return evidence?.revision ?? undefined;
  }
}

function checkFindings(result: WorkerResult, comparison: Comparison): Verdict {
  const wrong = result.findings.flatMap((finding) => {
    if (finding.file === undefined || finding.line === undefined) return [];
    const line = comparison.linesOf(finding.file)?.[finding.line - 1];
    const place = `${finding.file}:${finding.line}`;
    if (line === undefined) return [`${place} does not exist`];
    const hash = createHash("sha256").update(line).digest("hex");
    const claimed = finding.evidence.find(
      (item) => item.kind === "file" && item.path === finding.file && item.line === finding.line,
    );
    return claimed?.kind === "file" && claimed.sha256 !== undefined && claimed.sha256 !== hash
      ? [`${place} reads differently`]
      : [];
  });
  return verdict(
    wrong.length === 0,
    wrong.length === 0
      ? `${counted(result.findings.length, "finding")} checked against lines that are there`
      : wrong.slice(0, 5).join("; "),
  );
}

function checkArtifact(path: string, result: WorkerResult, comparison: Comparison): Verdict {
  const claimed = result.artifacts.find((artifact) => artifact.path === path || artifact.path.endsWith(`/${path}`));
  if (claimed === undefined) return verdict(false, `${path} expected, the worker left no such file`);
  const now = comparison.artifactAt(claimed.path);
  if (now === undefined) return verdict(false, `${path} was left and is gone`);
  if (now.bytes === 0) return verdict(false, `${path} is empty`);
  return verdict(
    now.sha256 === claimed.sha256,
    `${path} with hash ${claimed.sha256.slice(0, 12)} expected, ${now.sha256.slice(0, 12)} is there`,
  );
}

/** What a worker leaves that does nothing and says that all went well. */
export const EMPTY_RESULT: WorkerResult = {
  exitCode: 0,
  signal: null,
  stopped: null,
  durationMs: 1,
  done: true,
  facts: {},
  findings: [],
  unavailable: [],
  artifacts: [],
  rejectedReports: 0,
  outputTail: "",
};

/** The same result with every fact, place and hash wrong. */
export function spoiled(result: WorkerResult): WorkerResult {
  const wrongFact = (value: string | number | boolean): string | number | boolean => {
    if (typeof value === "number") return -1;
    return typeof value === "string" ? "" : !value;
  };
  return {
    ...result,
    facts: Object.fromEntries(Object.entries(result.facts).map(([name, value]) => [name, wrongFact(value)])),
    findings: result.findings.map((finding) => ({
      ...finding,
      line: finding.line === undefined ? 1 : finding.line + 1_000_000,
    })),
    artifacts: result.artifacts.map((artifact) => ({ ...artifact, sha256: "0".repeat(64) })),
  };
}

/**
 * Checks the check itself (Meta-Review): does the step also pass where the worker did nothing, or got
 * everything wrong? Undefined where it would not, so that its pass proves something.
 */
export function weaknessOf(step: PureStep, result: WorkerResult, comparison: Comparison): string | undefined {
  if (checkStep(step, EMPTY_RESULT, comparison).passed) return "it would also pass on an empty result";
  if (checkStep(step, spoiled(result), comparison).passed) return "it would also pass on a wrong result";
  return undefined;
}
