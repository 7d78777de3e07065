import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { RunId } from "../../src/contracts/id.ts";
import type { Log } from "../../src/log.ts";
import type { Door, Query } from "../../src/ports.ts";
import { createControlApp } from "./app.ts";
import type { AutomationAccess } from "./automation.ts";
import { removeControlFile, writeControlFile } from "./control-file.ts";
import { PROTOCOL } from "./protocol.ts";

export interface ControlServerOptions {
  readonly door: Door;
  readonly query: Query;
  /** Whether this owner works on the run. */
  readonly worksOn: (runId: RunId) => boolean;
  readonly stateRoot: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Version of the product. */
  readonly version: string;
  readonly log: Log;
  /** Serves the automation API, for an owner that works on every run. */
  readonly automation?: AutomationAccess | undefined;
  readonly keepAliveMs?: number;
}

export interface ControlServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves Door and Query on loopback, and tells programs of the same user where, in `control.json`. Call it only as
 * the owner of the state root.
 */
export async function serveControl(options: ControlServerOptions): Promise<ControlServer> {
  const { stateRoot, host, port, version } = options;
  const token = randomBytes(32).toString("base64url");
  const app = createControlApp({
    ...options,
    token,
    keepAliveMs: options.keepAliveMs ?? 15_000,
    hello: { product: "coxswain", version, protocol: PROTOCOL, pid: process.pid },
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listener(request, response));
  const url = await listen(server, host, port);
  await writeControlFile(stateRoot, { url, token, pid: process.pid, protocol: PROTOCOL, version });
  return {
    url,
    async stop() {
      await removeControlFile(stateRoot, token);
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the control server has no port");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
