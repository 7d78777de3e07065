import type { Server } from "node:http";
import { WebSocketServer, type WebSocket } from "ws";
import { PATIENCE_MS } from "../../fixtures/patience.ts";
import type { Json, World } from "./world.ts";

/** What came back for something that a person did. */
export interface Outcome {
  /** Undefined: nothing was acknowledged. */
  readonly ack: { readonly payload: Json } | undefined;
}

/** How an envelope is sent; `everywhere`: on every socket at once. */
export interface Sending {
  readonly everywhere?: boolean;
  readonly retry?: number;
  readonly patienceMs?: number;
}

/** Socket Mode: what Slack sends by itself, and how the connection fails. */
export interface Sockets {
  /** How many stand. */
  readonly count: () => number;
  /** Sends an envelope. Resolves with the acknowledgement, or when `patienceMs` is over. */
  readonly deliver: (
    type: "events_api" | "interactive" | "slash_commands",
    payload: Json,
    how?: Sending,
  ) => Promise<Outcome>;
  /** As Slack does every few hours, to one socket or all. */
  refresh(which: "one" | "all"): void;
  /** The connection is gone without a word. */
  cut(): void;
  readonly stop: () => void;
}

export function createSockets(server: Server, { next }: Pick<World, "next">): Sockets {
  const sockets = new Set<WebSocket>();
  const acks = new Map<string, (payload: Json) => void>();
  const wss = new WebSocketServer({ server, path: "/socket" });
  wss.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => sockets.delete(socket));
    socket.on("message", (data: Buffer) => {
      const { envelope_id, payload } = JSON.parse(data.toString("utf8"));
      acks.get(String(envelope_id))?.(payload ?? {});
    });
    socket.send(JSON.stringify({ type: "hello", num_connections: sockets.size }));
  });
  const terminate = (): void => {
    for (const socket of sockets) socket.terminate();
  };

  return {
    count: () => sockets.size,
    deliver: async (type, payload, { everywhere = false, retry, patienceMs = PATIENCE_MS } = {}) => {
      const envelope_id = `env-${next()}`;
      const envelope = JSON.stringify({
        envelope_id,
        type,
        payload,
        accepts_response_payload: type !== "events_api",
        ...(retry === undefined ? {} : { retry_attempt: retry, retry_reason: "timeout" }),
      });
      const acked = new Promise<Json>((resolve) => acks.set(envelope_id, resolve));
      const targets = everywhere ? [...sockets] : [...sockets].slice(0, 1);
      if (targets.length === 0) throw new Error("no socket stands");
      for (const socket of targets) socket.send(envelope);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), patienceMs);
      });
      const came = await Promise.race([acked, late]);
      clearTimeout(timer);
      return { ack: came === undefined ? undefined : { payload: came } };
    },
    refresh: (which) => {
      for (const socket of which === "all" ? sockets : [...sockets].slice(0, 1)) {
        socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }));
        // Slack sends nothing more there.
        sockets.delete(socket);
      }
    },
    cut: () => {
      terminate();
      sockets.clear();
    },
    stop: () => {
      terminate();
      wss.close();
    },
  };
}
