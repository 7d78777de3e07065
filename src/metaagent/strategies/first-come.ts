import { keyed } from "../../i18n.ts";
import { concurrencyGroups } from "./concurrency-groups.ts";
import type { SchedulerStrategy } from "./scheduler-strategy.ts";

/** One line for all: who comes first is served first. One tenant's flood then holds up the others. */
export const firstCome: SchedulerStrategy = {
  name: "first-come",
  rules: { between: keyed("queue.rule.arrival"), inside: keyed("queue.rule.arrival") },
  place: (request) => ({
    flow: "all",
    order: request.queuedAt,
    costMs: Math.max(1, request.expectedMs),
    weight: 1,
    groups: concurrencyGroups(request),
  }),
};
