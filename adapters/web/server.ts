import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import type { RunId } from "../../src/contracts/id.ts";
import { CoxswainError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock, Surface } from "../../src/ports.ts";
import { createConsoleApp, type ConsoleAppOptions } from "./app.ts";
import { createChanges, type LaneProgress } from "./changes.ts";
import { sessionToken } from "./session.ts";
import { createThreadStore } from "./store.ts";
import { createWebSurface } from "./surface.ts";

/** How many ports are tried, from the configured one upwards. */
const PORTS_TRIED = 20;

export interface ConsoleOptions {
  readonly stateRoot: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ServeOptions extends Omit<
  ConsoleAppOptions,
  "store" | "changes" | "troubled" | "token" | "stateRoot" | "log" | "keepAliveMs"
> {
  readonly host: string;
  /** 0 takes any free port; one that is taken, the next free one. */
  readonly port: number;
  readonly keepAliveMs?: number;
}

/** The console before and after the bot is there: the bot needs its surface, and its pages need the bot. */
export interface Console {
  readonly surface: Surface;
  /** Told of every change of a run, so that open pages follow. */
  runChanged(runId: RunId): void;
  /** The run cannot go on; holds until its next change. In memory, as what it tells of. */
  runTroubled(runId: RunId): void;
  progressed(progress: LaneProgress): void;
  /** Serves the pages; `url` holds the token that lets a browser in. */
  serve(options: ServeOptions): Promise<ConsoleServer>;
}

export interface ConsoleServer {
  /** Address to open, with the token. */
  readonly url: string;
  stop(): Promise<void>;
}

export function createConsole({ stateRoot, clock, log }: ConsoleOptions): Console {
  const folder = join(stateRoot, "console");
  const changes = createChanges();
  const store = createThreadStore({ folder, clock, log, changes });
  const troubled = new Set<RunId>();
  const changed = (runId: RunId): void => {
    changes.changed(`run:${runId}`);
    changes.changed("runs");
  };
  return {
    surface: createWebSurface(store),
    runChanged: (runId) => {
      troubled.delete(runId);
      changed(runId);
    },
    runTroubled: (runId) => {
      troubled.add(runId);
      changed(runId);
    },
    progressed: (progress) => changes.progressed(progress),
    serve: async ({ host, port, keepAliveMs = 15_000, ...rest }) => {
      const token = await sessionToken(folder);
      const app = createConsoleApp({ ...rest, store, changes, troubled, token, stateRoot, log, keepAliveMs });
      const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
      const server = createServer((request, response) => void listener(request, response));
      const address = await listen(server, host, port);
      return {
        url: `${address}/?token=${token}`,
        stop: async () => {
          changes.closeAll();
          const closed = once(server, "close");
          server.close();
          server.closeAllConnections();
          await closed;
        },
      };
    },
  };
}

async function listen(server: Server, host: string, from: number): Promise<string> {
  for (let port = from; port < from + PORTS_TRIED; port += 1) {
    try {
      server.listen(port, host);
      await once(server, "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new TypeError("the console has no port");
      return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  const last = from + PORTS_TRIED - 1;
  throw new CoxswainError("web.port", `All ports from ${from} to ${last} are taken; set console.port to a free one.`);
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
