import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { afterEach, describe, expect, test } from "vitest";
import { createLog } from "../../../src/log.ts";
import { otlpProcessor } from "../../../adapters/tracing/otlp.ts";
import { createRunTraces, type Piece } from "../../../adapters/tracing/run-traces.ts";

const log = createLog("silent");
const NOON = Date.UTC(2026, 4, 1, 12);
const piece = (overrides: Partial<Piece> = {}): Piece => ({
  runId: "run_0000000000001",
  name: "Fetch",
  endedAt: NOON,
  durationMs: 2500,
  attributes: { stage: "fetch" },
  error: null,
  ...overrides,
});

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, "close");
  }
});

describe("a run as a trace", () => {
  test("has its stages and workers below its root, also where another process has added them", () => {
    const exporter = new InMemorySpanExporter();
    const traces = () => createRunTraces({ processors: [new SimpleSpanProcessor(exporter)], version: "1.0.0", log });
    traces().piece(piece());
    const afterRestart = traces();
    afterRestart.piece(piece({ name: "tests", error: "worker.exit" }));
    afterRestart.run(piece({ name: "house-check", durationMs: 60_000 }));
    const [stage, worker, run] = exporter.getFinishedSpans();
    const root = run?.spanContext();
    expect(run?.parentSpanContext).toBeUndefined();
    for (const span of [stage, worker]) {
      expect(span?.spanContext().traceId).toBe(root?.traceId);
      expect(span?.parentSpanContext?.spanId).toBe(root?.spanId);
    }
    expect(stage?.spanContext().spanId).not.toBe(worker?.spanContext().spanId);
    expect(stage?.duration).toEqual([2, 500_000_000]);
    expect(worker?.status).toMatchObject({ message: "worker.exit" });
    expect(run?.attributes).toMatchObject({ "coxswain.run": "run_0000000000001" });
  });

  test("of another run is another one", () => {
    const exporter = new InMemorySpanExporter();
    const traces = createRunTraces({ processors: [new SimpleSpanProcessor(exporter)], version: "1.0.0", log });
    traces.run(piece());
    traces.run(piece({ runId: "run_0000000000002" }));
    const ids = exporter.getFinishedSpans().map((span) => span.spanContext().traceId);
    expect(new Set(ids).size).toBe(2);
  });

  test("reaches a collector by OTLP over HTTP", async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        bodies.push(Buffer.concat(chunks).toString());
        response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
      });
    });
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/v1/traces`;
    const traces = createRunTraces({ processors: [otlpProcessor(url)], version: "1.0.0", log });
    traces.run(piece({ name: "house-check" }));
    await traces.stop();
    expect(bodies.join("")).toContain("house-check");
  });

  test("is lost where no collector answers, and nothing is held up", async () => {
    const traces = createRunTraces({
      processors: [otlpProcessor("http://127.0.0.1:9/v1/traces")],
      version: "1.0.0",
      log,
    });
    traces.run(piece());
    await expect(traces.stop()).resolves.toBeUndefined();
  });
});
