import { GOVERNANCE_AGENTS } from "../contracts/agent.ts";
import type { AgentBlueprintPacket } from "../contracts/packets/thinking.ts";
import type { Invocation } from "../contracts/run.ts";
import type { StageKey } from "../contracts/stage.ts";

/** Which governance agents have really taken part where (G23); a stage that has not begun has none yet. */
export function governanceStageCoverage(
  invocations: readonly Invocation[],
): AgentBlueprintPacket["governanceStageCoverage"] {
  const ranIn = (stage: StageKey) =>
    GOVERNANCE_AGENTS.filter((agent) => invocations.some((entry) => entry.agent === agent && entry.stage === stage));
  return { Critical: ranIn("critical"), Fetch: ranIn("fetch"), Thinking: ranIn("thinking"), Review: ranIn("review") };
}
