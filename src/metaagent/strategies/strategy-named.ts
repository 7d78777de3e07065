import { InputError } from "../../errors.ts";
import { earliestDeadline } from "./earliest-deadline.ts";
import { firstCome } from "./first-come.ts";
import type { SchedulerStrategy } from "./scheduler-strategy.ts";
import { weightedFair } from "./weighted-fair.ts";

/** What places a dispatch where the configured strategy fails. */
export const DEFAULT_STRATEGY: SchedulerStrategy = weightedFair;

/** The strategies that ship (M10). */
export const STRATEGIES: readonly SchedulerStrategy[] = [DEFAULT_STRATEGY, firstCome, earliestDeadline];

/** The strategy that the configuration names. Throws an InputError that lists the names there are. */
export function strategyNamed(name: string, strategies: readonly SchedulerStrategy[] = STRATEGIES): SchedulerStrategy {
  const found = strategies.find((strategy) => strategy.name === name);
  if (found !== undefined) return found;
  const names = strategies.map((strategy) => strategy.name).join(", ");
  throw new InputError(
    "scheduler.unknown_strategy",
    `The setting "strategy" must name one of: ${names}. It names "${name}".`,
  );
}
