import type { QueueEntry } from "../../contracts/document.ts";
import type { QueueTarget } from "../../contracts/queue.ts";
import { RUN_GROUP } from "../flow.ts";
import type { PlacementRequest } from "./scheduler-strategy.ts";

const TENANT_GROUP = "tenant:";
const MACRO_GROUP = "macro:";

/**
 * The groups in which a dispatch counts while it runs, widest first. The process itself is limited by its slots.
 * Every strategy uses them: operators pause tenants and macros by these names.
 */
export function concurrencyGroups(request: PlacementRequest): QueueEntry["groups"] {
  const { tenant, macroId, workspace, writesWorkspace, runId, runConcurrency, limits } = request;
  const groups: QueueEntry["groups"] = [{ name: `${TENANT_GROUP}${tenant}`, limit: limits.perTenant }];
  if (macroId !== null) groups.push({ name: `${MACRO_GROUP}${macroId}`, limit: limits.perMacro });
  if (writesWorkspace) groups.push({ name: `workspace:${workspace}`, limit: 1, holder: runId });
  if (runConcurrency !== null) groups.push({ name: `${RUN_GROUP}${runId}`, limit: runConcurrency });
  return groups;
}

/** The group of what operators may pause. */
export function groupOf({ kind, name }: QueueTarget): string {
  return `${kind === "tenant" ? TENANT_GROUP : MACRO_GROUP}${name}`;
}

/** Whose share an entry counts against; of a strategy that names no tenants, its flow. */
export function tenantIn(entry: QueueEntry): string {
  return nameIn(entry, TENANT_GROUP) ?? entry.flow;
}

export function macroIn(entry: QueueEntry): string | null {
  return nameIn(entry, MACRO_GROUP) ?? null;
}

function nameIn({ groups }: QueueEntry, prefix: string): string | undefined {
  return groups.find(({ name }) => name.startsWith(prefix))?.name.slice(prefix.length);
}
