import { keyed } from "../../i18n.ts";
import { concurrencyGroups } from "./concurrency-groups.ts";
import type { PlacementRequest, SchedulerStrategy } from "./scheduler-strategy.ts";

/** What has no deadline is wanted within so many age steps: later than what is due sooner, and not never. */
const NO_DEADLINE_STEPS = 60;

/**
 * One line for all: what is due first goes first (earliest deadline first; Liu and Layland, "Scheduling Algorithms
 * for Multiprogramming in a Hard-Real-Time Environment", Journal of the ACM 20, 1973). For one team that trusts its
 * own deadlines: tenants have no shares here.
 */
export const earliestDeadline: SchedulerStrategy = {
  name: "earliest-deadline",
  rules: {
    between: keyed("queue.rule.deadline"),
    inside: keyed("queue.rule.deadline"),
  },
  place: (request) => ({
    flow: "all",
    order: dueAt(request),
    costMs: Math.max(1, request.expectedMs),
    weight: 1,
    groups: concurrencyGroups(request),
  }),
};

function dueAt({ deadline, queuedAt, ageStepMs }: PlacementRequest): number {
  return deadline ?? queuedAt + NO_DEADLINE_STEPS * ageStepMs;
}
