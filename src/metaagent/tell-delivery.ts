import { BusyError, CoxswainError } from "../errors.ts";
import type { Control } from "./deps.ts";
import type { MetaAgentEvents } from "./events.ts";

interface Delivery {
  readonly runId: MetaAgentEvents["effect.delivered"]["runId"];
  readonly effect: MetaAgentEvents["effect.delivered"]["effect"];
  readonly savedAt: number | null;
  readonly begun: number;
  /** Null for effects that go to no surface. */
  readonly to: { readonly surface: string; readonly method: "post" | "edit" } | null;
  /** What was thrown; undefined where it was delivered. */
  readonly problem: unknown;
}

/** Tells observers what came of one delivery. */
export function tellDelivery(
  { events, clock }: Pick<Control, "events" | "clock">,
  { runId, effect, savedAt, begun, to, problem }: Delivery,
): void {
  const at = clock.now();
  events.emit("effect.delivered", {
    at,
    runId,
    effect,
    surface: to?.surface ?? null,
    method: to?.method ?? null,
    ageMs: savedAt === null ? null : Math.max(0, at - savedAt),
    durationMs: Math.max(0, at - begun),
    outcome: problem === undefined ? "delivered" : problem instanceof BusyError ? "postponed" : "failed",
    code: problem === undefined ? null : problem instanceof CoxswainError ? problem.code : "internal.error",
  });
}
