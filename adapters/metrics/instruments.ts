import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What is read at each scrape; ages in milliseconds, null where there is nothing. */
export interface Reading {
  /** Waiting dispatches by tenant. */
  readonly queued: ReadonlyMap<string, number>;
  readonly running: number;
  /** Live runs by status. */
  readonly runs: ReadonlyMap<string, number>;
  readonly oldestDecisionMs: number | null;
  /** Deliveries to surfaces that have not arrived yet. */
  readonly outbox: number;
  readonly oldestDeliveryMs: number | null;
  /** Open alerts by severity. */
  readonly alerts: ReadonlyMap<string, number>;
}

/** What is counted while it happens; durations in milliseconds. */
export interface Instruments {
  dispatchStarted(given: { readonly tenant: string; readonly waitedMs: number }): void;
  workerEnded(given: { readonly macro: string; readonly outcome: string; readonly tookMs: number }): void;
  stageLeft(given: { readonly stage: string; readonly tookMs: number }): void;
  retried(given: { readonly macro: string }): void;
  deadLetter(given: { readonly macro: string; readonly code: string }): void;
  delivered(given: {
    readonly surface: string;
    readonly method: string;
    readonly outcome: string;
    readonly tookMs: number;
  }): void;
}

/**
 * A label of a tenant is a time series of its own in Prometheus, and tenants can be as many as there are people:
 * so many have a name in the metrics, the rest are one.
 */
const NAMED_TENANTS = 100;
const OTHERS = "(others)";

const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600];

/** The metrics of this bot (M3), as prom-client has them; names and units follow Prometheus' own conventions. */
export function createInstruments(registry: Registry, readNow: () => Reading): Instruments {
  const read = oncePerScrape(readNow);
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const tenants = new Set<string>();
  const tenantLabel = (tenant: string): string => {
    if (tenants.size < NAMED_TENANTS) tenants.add(tenant);
    return tenants.has(tenant) ? tenant : OTHERS;
  };

  gauge(registry, "coxswain_queue_depth", "Dispatches that wait for their turn.", ["tenant"], () => {
    const byLabel = new Map<string, number>();
    for (const [tenant, count] of read().queued) {
      const label = tenantLabel(tenant);
      byLabel.set(label, (byLabel.get(label) ?? 0) + count);
    }
    return [...byLabel].map(([tenant, value]) => ({ labels: { tenant }, value }));
  });
  gauge(registry, "coxswain_dispatches_running", "Dispatches that are worked on.", [], () => single(read().running));
  gauge(registry, "coxswain_runs", "Runs that have not ended.", ["status"], () => byKey("status", read().runs));
  gauge(registry, "coxswain_decision_oldest_age_seconds", "Age of the oldest unanswered question.", [], () =>
    single(seconds(read().oldestDecisionMs)),
  );
  gauge(registry, "coxswain_outbox_pending", "Deliveries to surfaces on their way.", [], () => single(read().outbox));
  gauge(registry, "coxswain_outbox_oldest_age_seconds", "Age of the oldest of them.", [], () =>
    single(seconds(read().oldestDeliveryMs)),
  );
  gauge(registry, "coxswain_alerts_open", "Alerts that are not over.", ["severity"], () =>
    byKey("severity", read().alerts),
  );

  const wait = new Histogram({
    name: "coxswain_queue_wait_seconds",
    help: "From being ready to start until it started.",
    labelNames: ["tenant"],
    buckets: SECONDS,
    registers,
  });
  const worker = new Histogram({
    name: "coxswain_worker_duration_seconds",
    help: "How long a worker ran.",
    labelNames: ["macro", "outcome"],
    buckets: SECONDS,
    registers,
  });
  const stage = new Histogram({
    name: "coxswain_stage_duration_seconds",
    help: "From entering a stage until leaving it, waiting for people included.",
    labelNames: ["stage"],
    buckets: SECONDS,
    registers,
  });
  const calls = new Histogram({
    name: "coxswain_surface_call_duration_seconds",
    help: "Calls to the places where people see runs.",
    labelNames: ["surface", "method", "outcome"],
    buckets: SECONDS,
    registers,
  });
  const retries = new Counter({
    name: "coxswain_retries_total",
    help: "Attempts beyond the first.",
    labelNames: ["macro"],
    registers,
  });
  const letters = new Counter({
    name: "coxswain_dead_letters_total",
    help: "Runs that failed for good.",
    labelNames: ["macro", "code"],
    registers,
  });

  return {
    dispatchStarted: ({ tenant, waitedMs }) => wait.observe({ tenant: tenantLabel(tenant) }, waitedMs / 1000),
    workerEnded: ({ macro, outcome, tookMs }) => worker.observe({ macro, outcome }, tookMs / 1000),
    stageLeft: ({ stage: name, tookMs }) => stage.observe({ stage: name }, tookMs / 1000),
    retried: ({ macro }) => retries.inc({ macro }),
    deadLetter: ({ macro, code }) => letters.inc({ macro, code }),
    delivered: ({ surface, method, outcome, tookMs }) => calls.observe({ surface, method, outcome }, tookMs / 1000),
  };
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The registry asks all gauges in one go: each of them reading the state of the bot would hold it up as often. */
function oncePerScrape(readNow: () => Reading): () => Reading {
  let reading: Reading | undefined;
  return () => {
    if (reading === undefined) queueMicrotask(() => (reading = undefined));
    reading ??= readNow();
    return reading;
  };
}

/** A gauge that is read anew at each scrape, so that a tenant that is gone does not stay with its last number. */
function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: () => readonly Sample[],
): void {
  const made = new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [],
    collect() {
      this.reset();
      for (const { labels, value } of samples()) this.set(labels, value);
    },
  });
  registry.registerMetric(made);
}

function single(value: number): Sample[] {
  return [{ labels: {}, value }];
}

function byKey(label: string, values: ReadonlyMap<string, number>): Sample[] {
  return [...values].map(([key, value]) => ({ labels: { [label]: key }, value }));
}

function seconds(ms: number | null): number {
  return ms === null ? 0 : ms / 1000;
}
