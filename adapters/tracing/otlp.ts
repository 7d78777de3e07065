import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace-node";

/** Retries included: the bot waits for it when it stops. */
const GIVE_UP_MS = 2000;

/**
 * Sends spans to a collector by OTLP over HTTP, in batches; what cannot be sent is dropped and never holds up a run.
 * Headers (a key of the collector) come from OTEL_EXPORTER_OTLP_HEADERS, which the exporter reads by itself.
 */
export function otlpProcessor(url: string): SpanProcessor {
  return new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: GIVE_UP_MS }));
}
