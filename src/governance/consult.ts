import { isGovernanceAgent, type GovernanceAgent } from "../contracts/agent.ts";
import type { Invocation } from "../contracts/run.ts";
import type { StageKey } from "../contracts/stage.ts";
import { GateError } from "../errors.ts";

/** Collects which governance agents really ran in one step of a stage (G2, G31). */
export interface ConsultSession {
  readonly stage: StageKey;
  readonly at: number;
  readonly invocations: Invocation[];
}

export function openSession(stage: StageKey, at: number): ConsultSession {
  return { stage, at, invocations: [] };
}

/**
 * The one way to run a governance agent: runs `check` and records it, in this order, so that an agent is never
 * reported without having run. A check that throws leaves no record. `escalates` says whether the result has
 * to go to somebody else: a person, an operator, or another agent.
 */
export function consult<T>(
  session: ConsultSession,
  agent: GovernanceAgent,
  duty: string,
  check: () => T,
  escalates: (result: T) => boolean = () => false,
): T {
  const result = check();
  session.invocations.push({
    agent,
    stage: session.stage,
    duty,
    nature: "deterministic_check",
    at: session.at,
    state: escalates(result) ? "escalated" : "returned",
  });
  return result;
}

/** Throws `gate.governance_executes` where a governance agent is asked to do a worker's work (G1). */
export function refuseExecution(agentName: string): void {
  if (!isGovernanceAgent(agentName)) return;
  throw new GateError(
    "gate.governance_executes",
    `Expected an execution agent to do the work, ${agentName} came. Governance agents coordinate and never execute; add an execution agent with the needed capability to config/agents.`,
  );
}
