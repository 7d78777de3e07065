import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { createInstruments } from "../adapters/metrics/instruments.ts";
import { createRunTraces } from "../adapters/tracing/run-traces.ts";
import { createLog } from "../src/log.ts";
import { observeMetrics, readingOf } from "../src/observe-metrics.ts";
import { observeTraces } from "../src/observe-traces.ts";
import { aTask, type ControlPlane } from "./fixtures/control-plane.ts";
import { eventually } from "./fixtures/eventually.ts";
import { aPlane, reaches } from "./fixtures/planes.ts";
import { GOOD_RESULT } from "./fakes/fake-runtime.ts";

async function observed(): Promise<{
  plane: ControlPlane;
  scrape: () => Promise<string>;
  spans: InMemorySpanExporter;
}> {
  const plane = await aPlane();
  const registry = new Registry();
  observeMetrics(
    plane.agent,
    createInstruments(registry, () => readingOf(plane.agent)),
  );
  const spans = new InMemorySpanExporter();
  const traces = createRunTraces({
    processors: [new SimpleSpanProcessor(spans)],
    version: "0.0.0",
    log: createLog("silent"),
  });
  observeTraces(plane.agent, traces);
  return { plane, spans, scrape: () => registry.metrics() };
}

describe("a run that is watched", () => {
  test("is counted from its question to its end, and becomes one trace", async () => {
    const { plane, scrape, spans } = await observed();
    const runId = plane.agent.enqueueTask(aTask());
    await eventually(async () => expect(await scrape()).toContain('coxswain_runs{status="waiting"} 1'));
    plane.clock.advance(90_000, "asleep");
    expect(await scrape()).toContain("coxswain_decision_oldest_age_seconds 90");
    await plane.agent.handle({
      kind: "decision.answer",
      id: "answer",
      by: { surface: "terminal", user: "ada" },
      runId,
      answers: "recommended",
      args: {},
    });
    await reaches(plane, runId, "completed");
    await eventually(() => expect(spans.getFinishedSpans().some(({ name }) => name === "house-check")).toBe(true));
    const ended = await scrape();
    expect(ended).toContain('coxswain_worker_duration_seconds_count{macro="house-check",outcome="succeeded"} 3');
    expect(ended).toContain('coxswain_stage_duration_seconds_count{stage="fetch"} 1');
    expect(ended).not.toContain("coxswain_runs{");
    const names = spans.getFinishedSpans().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["Critical", "Fetch", "Thinking", "roof", "cellar", "house-check"]));
    expect(new Set(spans.getFinishedSpans().map((span) => span.spanContext().traceId)).size).toBe(1);
  });

  test("counts for its tenant, whatever that is called", async () => {
    const { plane, scrape } = await observed();
    const by = { surface: "web", user: "olga" };
    for (const name of ["constructor", "__proto__"]) {
      await plane.agent.handle({ kind: "queue.pause", id: name, by, target: { kind: "tenant", name } });
      plane.agent.enqueueTask(aTask({ tenant: name }));
    }
    await eventually(async () => {
      const text = await scrape();
      expect(text).toContain('coxswain_queue_depth{tenant="constructor"} 1');
      expect(text).toContain('coxswain_queue_depth{tenant="__proto__"} 1');
    });
  });

  test("that fails for good counts its retries and its dead letter", async () => {
    const { plane, scrape } = await observed();
    plane.runtime.script("roof", () => ({ ...GOOD_RESULT, exitCode: 3 }));
    const runId = plane.agent.enqueueTask(aTask({ answers: "recommended" }));
    await reaches(plane, runId, "dead_letter");
    await eventually(async () => {
      const text = await scrape();
      expect(text).toMatch(/coxswain_dead_letters_total\{macro="house-check",code="worker\.exit"\} 1/);
      expect(text).toMatch(/coxswain_retries_total\{macro="house-check"\} [1-9]/);
      expect(text).toContain('coxswain_runs{status="dead_letter"} 1');
    });
  });
});
