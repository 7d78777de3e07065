import type { QueueEntry } from "../../contracts/document.ts";
import { RUN_GROUP } from "../flow.ts";
import type { PlacementRequest } from "./scheduler-strategy.ts";

/** The groups in which a dispatch counts while it runs, widest first. The process itself is limited by its slots. */
export function concurrencyGroups(request: PlacementRequest): QueueEntry["groups"] {
  const { tenant, macroId, workspace, writesWorkspace, runId, runConcurrency, limits } = request;
  const groups = [{ name: `tenant:${tenant}`, limit: limits.perTenant }];
  if (macroId !== null) groups.push({ name: `macro:${macroId}`, limit: limits.perMacro });
  if (writesWorkspace) groups.push({ name: `workspace:${workspace}`, limit: 1 });
  if (runConcurrency !== null) groups.push({ name: `${RUN_GROUP}${runId}`, limit: runConcurrency });
  return groups;
}
