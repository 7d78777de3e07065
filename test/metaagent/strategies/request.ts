import type { PlacementRequest } from "../../../src/metaagent/strategies/scheduler-strategy.ts";

/** A plain request, with what a test is about. */
export function request(fields: Partial<PlacementRequest> = {}): PlacementRequest {
  return {
    dispatchId: "dsp_aaaaaaaa_1",
    runId: "run_aaaaaaaa",
    tenant: "ann",
    weight: 1,
    priority: 0,
    deadline: undefined,
    queuedAt: 1_000_000,
    risk: "low",
    expectedMs: 5000,
    work: "lane",
    workspace: "/repository",
    writesWorkspace: false,
    macroId: "repository-health",
    runConcurrency: null,
    limits: { perTenant: 4, perMacro: 8 },
    ageStepMs: 60_000,
    ...fields,
  };
}
