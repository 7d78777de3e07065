import { Registry } from "prom-client";
import { afterEach, describe, expect, test } from "vitest";
import { createInstruments, type Instruments, type Reading } from "../../../adapters/metrics/instruments.ts";
import { serveMetrics, type MetricsServer } from "../../../adapters/metrics/server.ts";

const QUIET: Reading = {
  queued: new Map(),
  running: 0,
  runs: new Map(),
  oldestDecisionMs: null,
  outbox: 0,
  oldestDeliveryMs: null,
  alerts: new Map(),
};

let reading: Reading = QUIET;
let readings = 0;
let reasons: string[] = [];
const servers: MetricsServer[] = [];
afterEach(async () => {
  reading = QUIET;
  reasons = [];
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function served(): Promise<{ url: string; instruments: Instruments; scrape: () => Promise<string> }> {
  const registry = new Registry();
  const instruments = createInstruments(registry, () => {
    readings += 1;
    return reading;
  });
  const server = await serveMetrics({ registry, readiness: () => reasons, host: "127.0.0.1", port: 0 });
  servers.push(server);
  return { url: server.url, instruments, scrape: async () => (await fetch(`${server.url}/metrics`)).text() };
}

describe("the metrics listener", () => {
  test("tells what is so now, at each scrape", async () => {
    const { scrape } = await served();
    reading = {
      ...QUIET,
      queued: new Map([
        ["web:ada", 3],
        ["web:bo", 1],
      ]),
      running: 2,
      runs: new Map([["waiting", 4]]),
      outbox: 5,
    };
    const busy = await scrape();
    expect(busy).toContain('coxswain_queue_depth{tenant="web:ada"} 3');
    expect(busy).toContain("coxswain_dispatches_running 2");
    expect(busy).toContain('coxswain_runs{status="waiting"} 4');
    expect(busy).toContain("coxswain_outbox_pending 5");
    reading = { ...QUIET, oldestDecisionMs: 90_000 };
    readings = 0;
    const later = await scrape();
    expect(readings).toBe(1);
    expect(later).toContain("coxswain_decision_oldest_age_seconds 90");
    expect(later).not.toContain("web:ada");
  });

  test("counts what happens, in seconds", async () => {
    const { scrape, instruments } = await served();
    instruments.dispatchStarted({ tenant: "web:ada", waitedMs: 2000 });
    instruments.workerEnded({ macro: "release-check", outcome: "succeeded", tookMs: 4500 });
    instruments.stageLeft({ stage: "fetch", tookMs: 30 });
    instruments.retried({ macro: "release-check" });
    instruments.deadLetter({ macro: "release-check", code: "worker.exit" });
    instruments.delivered({ surface: "slack", method: "chat.update", outcome: "ok", tookMs: 120 });
    const text = await scrape();
    expect(text).toContain('coxswain_queue_wait_seconds_sum{tenant="web:ada"} 2');
    expect(text).toContain('coxswain_worker_duration_seconds_sum{macro="release-check",outcome="succeeded"} 4.5');
    expect(text).toContain('coxswain_stage_duration_seconds_count{stage="fetch"} 1');
    expect(text).toContain('coxswain_retries_total{macro="release-check"} 1');
    expect(text).toContain('coxswain_dead_letters_total{macro="release-check",code="worker.exit"} 1');
    expect(text).toContain(
      'coxswain_surface_call_duration_seconds_count{surface="slack",method="chat.update",outcome="ok"} 1',
    );
    expect(text).toContain("nodejs_eventloop_lag_p99_seconds");
  });

  test("a thousand tenants make no thousand time series", async () => {
    const { scrape } = await served();
    const queued = new Map(Array.from({ length: 1000 }, (_, at) => [`web:user-${at}`, 1] as const));
    reading = { ...QUIET, queued };
    const lines = (await scrape()).split("\n").filter((line) => line.startsWith("coxswain_queue_depth{"));
    expect(lines).toHaveLength(101);
    expect(lines).toContain('coxswain_queue_depth{tenant="(others)"} 900');
  });

  test("the process is healthy as long as it answers, and ready only while it takes work in", async () => {
    const { url } = await served();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    reasons = ["draining"];
    const refused = await fetch(`${url}/readyz`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toEqual({ status: "not_ready", reasons: ["draining"] });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test("any other path names those that there are", async () => {
    const { url } = await served();
    const lost = await fetch(`${url}/`);
    expect(lost.status).toBe(404);
    expect(await lost.json()).toEqual({ paths: ["/metrics", "/healthz", "/readyz"] });
  });
});
