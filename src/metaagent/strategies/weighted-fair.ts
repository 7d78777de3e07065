import type { Risk } from "../../contracts/macro.ts";
import { keyed } from "../../i18n.ts";
import { concurrencyGroups } from "./concurrency-groups.ts";
import type { PlacementRequest, SchedulerStrategy } from "./scheduler-strategy.ts";

/*
 * All of these are in steps of `ageStepMs`, the waiting that counts as much as one step of priority. They are bounded,
 * and that is what bounds a wait: see MOST_OVERTAKEN_STEPS.
 */

/** What a deadline brings forward at most: all of it where the work must start now to meet it. */
const DEADLINE_STEPS = 2;
/** A deadline that leaves this much slack or more brings nothing. */
const DEADLINE_HORIZON_STEPS = 30;
/** What being short brings forward at most: short work in front delays long work little, and not the other way. */
const SHORT_STEPS = 0.5;
/** Work of this length gets half of it. */
const SHORT_HALF_MS = 10_000;
/** How far risk puts work back: what may go wrong is not to hold up what will not. */
const RISK_STEPS = { low: 0, medium: 0.25, high: 0.5 } as const satisfies Record<Risk, number>;
const PRIORITY_RANGE = 4;

/**
 * Inside a tenant nothing is overtaken by what is queued more than this many steps after it, whatever the two are:
 * the wait of the lowest priority is bounded by aging.
 */
export const MOST_OVERTAKEN_STEPS = PRIORITY_RANGE + DEADLINE_STEPS + SHORT_STEPS + RISK_STEPS.high;

/**
 * The default. Tenants share the machine by cost and weight; inside a tenant the order is the time of arrival,
 * brought forward by priority, a near deadline and shortness, and put back by risk.
 */
export const weightedFair: SchedulerStrategy = {
  name: "weighted-fair",
  rules: { between: keyed("queue.rule.share"), inside: keyed("queue.rule.urgency") },
  place: (request) => ({
    flow: request.tenant,
    order: request.queuedAt - advantageSteps(request) * request.ageStepMs,
    costMs: Math.max(1, request.expectedMs),
    weight: request.weight,
    groups: concurrencyGroups(request),
  }),
};

function advantageSteps(request: PlacementRequest): number {
  const shortness = SHORT_HALF_MS / (SHORT_HALF_MS + request.expectedMs);
  return request.priority + DEADLINE_STEPS * urgency(request) + SHORT_STEPS * shortness - RISK_STEPS[request.risk];
}

/** 0 (no deadline, or far away) to 1 (must start now, or is late). */
function urgency({ deadline, queuedAt, expectedMs, ageStepMs }: PlacementRequest): number {
  if (deadline === undefined) return 0;
  const slackMs = Math.max(0, deadline - queuedAt - expectedMs);
  return Math.max(0, 1 - slackMs / (DEADLINE_HORIZON_STEPS * ageStepMs));
}
