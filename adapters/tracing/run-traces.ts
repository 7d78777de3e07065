import { createHash } from "node:crypto";
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type Context } from "@opentelemetry/api";
import { BasicTracerProvider, type IdGenerator, type SpanProcessor } from "@opentelemetry/sdk-trace-node";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";

/** Something of a run that is over: times in milliseconds since the epoch. */
export interface Piece {
  readonly runId: string;
  /** Such as `Fetch` or `repository-health/tests`. */
  readonly name: string;
  readonly endedAt: number;
  readonly durationMs: number;
  /** What stands beside it: ids, codes and numbers, no texts of people. */
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Code of the error, where it failed. */
  readonly error: string | null;
}

/** Runs as traces (OpenTelemetry): each is one, its stages and workers are spans in it. */
export interface RunTraces {
  /** A stage or a worker of a run. */
  piece(piece: Piece): void;
  /** The run itself, once it has ended: the span that all others are in. */
  run(piece: Piece): void;
  /** Sends what waits; what no collector takes is lost, and the log says so. */
  stop(): Promise<void>;
}

/**
 * Ids follow from the run's id, so that what a restarted bot adds stands in the same trace, under a root that is sent
 * when the run ends, days later perhaps.
 */
export function createRunTraces(options: {
  readonly processors: readonly SpanProcessor[];
  readonly version: string;
  readonly log: Log;
}): RunTraces {
  const ids = createIds();
  const provider = new BasicTracerProvider({ spanProcessors: [...options.processors], idGenerator: ids });
  const tracer = provider.getTracer("coxswain", options.version);
  const record = ({ name, endedAt, durationMs, attributes, runId, error }: Piece, parent: Context): void => {
    const span = tracer.startSpan(
      name,
      { startTime: endedAt - durationMs, attributes: { ...attributes, "coxswain.run": runId } },
      parent,
    );
    if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(endedAt);
  };
  return {
    piece: (piece) => record(piece, trace.setSpanContext(ROOT_CONTEXT, rootOf(piece.runId))),
    run: (piece) => {
      ids.withRoot(rootOf(piece.runId), () => record(piece, ROOT_CONTEXT));
    },
    stop: () =>
      provider.shutdown().catch((error: unknown) => options.log.warn({ err: messageOf(error) }, "traces were lost")),
  };
}

interface RunRoot {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

function rootOf(runId: string): RunRoot {
  const digest = createHash("sha256").update(runId).digest("hex");
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48), traceFlags: TraceFlags.SAMPLED };
}

/** Random ids, but for the root of a run. */
function createIds(): IdGenerator & { withRoot(root: RunRoot, make: () => void): void } {
  let given: RunRoot | undefined;
  const random = (bytes: number): string => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
  return {
    withRoot: (root, make) => {
      given = root;
      try {
        make();
      } finally {
        given = undefined;
      }
    },
    generateTraceId: () => given?.traceId ?? random(16),
    generateSpanId: () => given?.spanId ?? random(8),
  };
}
