import { readFileSync } from "node:fs";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { createInstruments } from "../../../adapters/metrics/instruments.ts";

const FILES = ["prometheus-rules.yaml", "grafana-dashboard.json"];

async function metricNames(): Promise<Set<string>> {
  const registry = new Registry();
  createInstruments(registry, () => ({
    queued: new Map(),
    running: 0,
    runs: new Map(),
    oldestDecisionMs: null,
    outbox: 0,
    oldestDeliveryMs: null,
    alerts: new Map(),
  }));
  return new Set((await registry.getMetricsAsJSON()).map(({ name }) => name));
}

describe("the dashboard and the alert rules", () => {
  test.each(FILES)("%s name only metrics that there are", async (file) => {
    const known = await metricNames();
    const text = readFileSync(new URL(`../../../examples/monitoring/${file}`, import.meta.url), "utf8");
    const used = [...text.matchAll(/\b(?:coxswain|nodejs)_\w+/g)].map(([name]) => name);
    expect(used.length).toBeGreaterThan(3);
    expect(used.filter((name) => !known.has(name.replace(/_(bucket|count|sum)$/, "")))).toEqual([]);
  });
});
