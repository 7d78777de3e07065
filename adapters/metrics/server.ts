import { once } from "node:events";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { Registry } from "prom-client";

/** Why this bot takes nothing in at present; empty where it does. One word each, for programs. */
export type Readiness = () => readonly string[];

export interface MetricsServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Metrics and health on a listener of their own (architecture: the only one that may be open to others), for
 * Prometheus and for whatever restarts the process: `/metrics`, `/healthz` (the process answers), `/readyz` (it takes
 * work in; 503 with the reasons where it does not). It tells names of tenants, macros and error codes, and no texts.
 */
export async function serveMetrics(options: {
  readonly registry: Registry;
  readonly readiness: Readiness;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}): Promise<MetricsServer> {
  const { registry, readiness, host, port } = options;
  const app = new Hono();
  app.get("/metrics", async (c) => c.body(await registry.metrics(), 200, { "Content-Type": registry.contentType }));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => {
    const reasons = readiness();
    return c.json({ status: reasons.length === 0 ? "ready" : "not_ready", reasons }, reasons.length === 0 ? 200 : 503);
  });
  app.notFound((c) => c.json({ paths: ["/metrics", "/healthz", "/readyz"] }, 404));

  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listener(request, response));
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the metrics listener has no port");
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
