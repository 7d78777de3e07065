import type { Actor, Instant } from "../contracts/id.ts";
import { isSameTarget, STEPS_LIMIT, WEIGHT_LIMIT, type QueueAct, type QueueControl } from "../contracts/queue.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";

/** As much as is remembered of what operators did; by it a redelivered act counts once. */
const LOG_LIMIT = 1000;
const PAUSED_LIMIT = 1000;

interface Asked {
  readonly id: string;
  readonly at: Instant;
  readonly by: Actor;
  readonly act: QueueAct;
  /** How much of the target waits now; a misspelt name has nothing waiting. */
  readonly waiting: number;
  /** The weight that a tenant has now; raising and lowering begin there. */
  readonly weightOf: (tenant: string) => number;
}

/** What operators have said of the queue after one more act, and what then holds in words. Pure. */
export function afterAct(control: QueueControl, asked: Asked): { control: QueueControl; said: Text } {
  const { id, at, by, act } = asked;
  const log = [...control.log, { id, at, by, act }].slice(-LOG_LIMIT);
  const { said, ...changes } = changesOf(control, asked);
  return { control: { ...control, ...changes, log }, said };
}

function changesOf(
  control: QueueControl,
  { at, by, act, waiting, weightOf }: Asked,
): Partial<QueueControl> & { said: Text } {
  switch (act.kind) {
    case "queue.pause": {
      const { target } = act;
      const known = control.paused.some((paused) => isSameTarget(paused.target, target));
      const paused = known ? control.paused : [...control.paused, { target, since: at, by }].slice(-PAUSED_LIMIT);
      return { paused, said: keyed(`queue.done.paused.${target.kind}`, { name: target.name, waiting }) };
    }
    case "queue.resume": {
      const { target } = act;
      const paused = control.paused.filter((known) => !isSameTarget(known.target, target));
      const was = paused.length < control.paused.length ? "resumed" : "not_paused";
      return { paused, said: keyed(`queue.done.${was}`, { name: target.name }) };
    }
    case "queue.raise":
    case "queue.lower": {
      const up = act.kind === "queue.raise";
      const { kind, name } = act.target;
      if (kind === "macro") return stepped(control, name, up ? 1 : -1);
      const weight = weightOf(name) * (up ? 2 : 0.5);
      return weighed(control, name, Math.min(WEIGHT_LIMIT, Math.max(1 / WEIGHT_LIMIT, weight)));
    }
    case "queue.weigh": {
      const { tenant, weight } = act;
      if (weight !== null) return weighed(control, tenant, weight);
      const { [tenant]: _, ...weights } = control.weights;
      return { weights, said: keyed("queue.done.weight_reset", { name: tenant }) };
    }
    case "queue.drain":
      return { draining: control.draining ?? { since: at, by }, said: keyed("queue.done.draining") };
    case "queue.undrain":
      return { draining: null, said: keyed("queue.done.undrained") };
  }
}

function weighed(control: QueueControl, name: string, weight: number): Partial<QueueControl> & { said: Text } {
  const weights = { ...control.weights, [name]: weight };
  return { weights, said: keyed("queue.done.weight", { name, weight }) };
}

function stepped(control: QueueControl, name: string, by: number): Partial<QueueControl> & { said: Text } {
  const before = Object.hasOwn(control.steps, name) ? (control.steps[name] ?? 0) : 0;
  const step = Math.min(STEPS_LIMIT, Math.max(-STEPS_LIMIT, before + by));
  return { steps: { ...control.steps, [name]: step }, said: keyed("queue.done.steps", { name, step }) };
}
