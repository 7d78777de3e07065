import type { AgentCard } from "../contracts/agent.ts";
import type { Dispatch } from "../contracts/dispatch.ts";
import type { EventOf } from "../contracts/event.ts";
import { isViolation } from "../contracts/policy.ts";
import type { Run } from "../contracts/run.ts";
import { DECLARED_COMMAND } from "../contracts/verify-step.ts";
import { CoxswainError } from "../errors.ts";
import type { Catalog } from "../ports.ts";
import { judgeLane, rulesFor } from "../spine/policy-check.ts";
import { packetOf } from "../spine/transitions/lanes.ts";
import { argvOf } from "./argv.ts";
import { briefFor } from "./brief.ts";
import { artifactNamespace, copyNameOf, lastDispatchOf, openCopy } from "./copies.ts";
import type { Control } from "./deps.ts";
import { runtimeFor } from "./perform-lane.ts";

type CheckEnd = Omit<EventOf<"check.completed">, "id" | "at" | "dispatchId" | "attempt">;

/** The agent that runs declared commands, found by its capability (G22); undefined where none has it. */
export function checkerOf(catalog: Catalog): AgentCard | undefined {
  return catalog.agents.find((card) =>
    card.capabilities.some((capability) => capability.toLowerCase() === DECLARED_COMMAND),
  );
}

/** Runs a verify step's command where the lane worked; its exit code is the evidence. */
export async function performCheck(
  control: Control,
  run: Run,
  dispatch: Dispatch,
  { laneId, stepId }: { laneId: string; stepId: string },
  signal: AbortSignal,
): Promise<CheckEnd> {
  const packet = packetOf(run, laneId);
  const step = packet?.verifySteps.find((known) => known.id === stepId);
  const agent = checkerOf(control.catalog);
  if (agent === undefined) {
    throw new CoxswainError(
      "agent.no_checker",
      `No agent in config/agents has the capability "${DECLARED_COMMAND}", and this check has to run something.`,
    );
  }
  if (packet === undefined || step?.kind !== "command") {
    throw new CoxswainError("check.unknown", `Lane "${laneId}" has no command check "${stepId}".`);
  }
  // Judged with its lane; only rules that were changed since then can forbid it now.
  const program = agent.argv;
  const verdicts = judgeLane(run, packet, rulesFor(run, control.policyFor), program, control.clock.now());
  const forbidden = verdicts.find((verdict) => isViolation(verdict) && verdict.kind !== "worker_time");
  if (forbidden !== undefined) {
    const { rule, subject } = forbidden;
    throw new CoxswainError("policy.denied", `${rule.file}:${rule.line} forbids ${subject}: ${rule.text}`);
  }
  const worked = lastDispatchOf(run, laneId) ?? dispatch.dispatchId;
  const copy = await openCopy(control.workspace, run, copyNameOf(run, laneId, worked), signal);
  const namespace = artifactNamespace(run, laneId, dispatch.dispatchId);
  const result = await runtimeFor(control, agent.runtime).run(
    {
      agent,
      argv: argvOf(agent.argv, control.placeholders, step.argv),
      cwd: copy.root,
      artifactFolder: await control.files.artifactFolder(run.runId, namespace),
      brief: briefFor(run, packet, dispatch, copy.root, null),
      timeLimitMs: step.timeLimitMs,
      heartbeatMs: null,
    },
    () => undefined,
    signal,
  );
  const passed = result.stopped === null && result.exitCode === 0;
  const detail = `${step.argv.join(" ")} ended with ${result.stopped ?? `exit code ${result.exitCode ?? "none"}`}`;
  return { kind: "check.completed", outcome: { laneId, stepId, passed, weak: false, detail }, result };
}
