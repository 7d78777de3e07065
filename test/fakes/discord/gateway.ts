import type { Server } from "node:http";
import {
  GatewayDispatchEvents,
  GatewayIntentBits,
  GatewayOpcodes,
  type GatewayInteractionCreateDispatchData,
  type GatewayMessageCreateDispatchData,
  type GatewayReceivePayload,
} from "discord-api-types/v10";
import { WebSocketServer, type WebSocket } from "ws";
import type { World } from "./world.ts";

interface Session {
  readonly id: string;
  /** Every event with its number, for a RESUME. */
  readonly sent: { readonly s: number; readonly t: string; readonly d: unknown }[];
  /** What it asked for when it identified. */
  readonly intents: number;
  socket: WebSocket | undefined;
}

/** Without its intent an event does not come. Interactions need none. */
const NEEDS: Readonly<Record<string, GatewayIntentBits>> = {
  [GatewayDispatchEvents.GuildCreate]: GatewayIntentBits.Guilds,
  [GatewayDispatchEvents.ThreadCreate]: GatewayIntentBits.Guilds,
  [GatewayDispatchEvents.ThreadUpdate]: GatewayIntentBits.Guilds,
  [GatewayDispatchEvents.ThreadDelete]: GatewayIntentBits.Guilds,
  [GatewayDispatchEvents.MessageCreate]: GatewayIntentBits.GuildMessages,
};

/** What people bring about. Whatever becomes of a run's thread comes from the world. */
interface Events {
  [GatewayDispatchEvents.InteractionCreate]: GatewayInteractionCreateDispatchData;
  [GatewayDispatchEvents.MessageCreate]: GatewayMessageCreateDispatchData;
  /** Places of other kinds, as far as a test needs them. */
  [GatewayDispatchEvents.ChannelCreate]: object;
  [GatewayDispatchEvents.ThreadCreate]: object;
}

/** The gateway's side of Discord: HELLO, IDENTIFY, RESUME with replay, heartbeats, and how it fails. */
export interface Gateway {
  /** Sends an event to every session, also to those that are away: they get it when they resume. */
  dispatch<E extends keyof Events>(event: E, data: Events[E]): void;
  /** How often somebody identified anew, and resumed. */
  readonly counts: { identified: number; resumed: number };
  /** Intents of the last IDENTIFY. */
  intents(): number;
  /** Discord closes the connection with a code. */
  close(code: number): void;
  /** op 7: reconnect. */
  askToReconnect(): void;
  /** op 9: the session is not valid any more, or may be resumed. */
  invalidate(resumable: boolean): void;
  /** From now on nobody is connected, and who is, is cut off. */
  refuse(refused: boolean): void;
  /** Closes each connection with a code as soon as somebody identifies; undefined: no more. */
  refuseToIdentify(code: number | undefined): void;
  /** From now on nothing is answered, heartbeats neither. */
  playDead(dead: boolean): void;
  /** How many connections are open. */
  open(): number;
  stop(): void;
}

export function createGateway(server: Server, world: World, heartbeatMs: number, url: () => string): Gateway {
  let refused = false;
  let refusal: number | undefined;
  const sockets = new WebSocketServer({ server, path: "/gateway", verifyClient: () => !refused });
  const sessions = new Map<string, Session>();
  const counts = { identified: 0, resumed: 0 };
  let intents = 0;
  let dead = false;

  const send = (socket: WebSocket, payload: Partial<GatewayReceivePayload> | object): void => {
    if (!dead) socket.send(JSON.stringify({ s: null, t: null, d: null, ...payload }));
  };
  const dispatchTo = (session: Session, t: string, d: unknown): void => {
    const needed = NEEDS[t];
    if (needed !== undefined && (session.intents & needed) === 0) return;
    const event = { s: session.sent.length + 1, t, d };
    session.sent.push(event);
    if (session.socket !== undefined) send(session.socket, { op: GatewayOpcodes.Dispatch, ...event });
  };

  sockets.on("connection", (socket) => {
    let session: Session | undefined;
    send(socket, { op: GatewayOpcodes.Hello, d: { heartbeat_interval: heartbeatMs } });
    socket.on("close", () => {
      if (session?.socket === socket) session.socket = undefined;
    });
    socket.on("message", (data) => {
      const { op, d } = JSON.parse((data as Buffer).toString()) as { op: GatewayOpcodes; d: Record<string, unknown> };
      if (op === GatewayOpcodes.Heartbeat) send(socket, { op: GatewayOpcodes.HeartbeatAck });
      if (op === GatewayOpcodes.Identify) {
        counts.identified += 1;
        intents = Number(d["intents"]);
        if (refusal !== undefined) return socket.close(refusal);
        session = { id: `session${counts.identified}`, sent: [], intents, socket };
        sessions.set(session.id, session);
        dispatchTo(session, GatewayDispatchEvents.Ready, {
          v: 10,
          user: world.bot,
          guilds: [{ id: world.guildId, unavailable: true }],
          session_id: session.id,
          resume_gateway_url: url(),
          shard: [0, 1],
          application: { id: world.applicationId, flags: 0 },
        });
        dispatchTo(session, GatewayDispatchEvents.GuildCreate, world.guild());
      }
      if (op === GatewayOpcodes.Resume) {
        const known = sessions.get(String(d["session_id"]));
        if (known === undefined) return send(socket, { op: GatewayOpcodes.InvalidSession, d: false });
        counts.resumed += 1;
        session = known;
        known.socket = socket;
        for (const event of known.sent.slice(Number(d["seq"]))) send(socket, { op: GatewayOpcodes.Dispatch, ...event });
        dispatchTo(known, GatewayDispatchEvents.Resumed, {});
      }
    });
  });

  const toAll = (event: string, data: unknown): void => {
    for (const session of sessions.values()) dispatchTo(session, event, data);
  };
  world.onThread(({ event, data }) => toAll(event, data));

  return {
    counts,
    intents: () => intents,
    dispatch: toAll,
    close: (code) => {
      for (const socket of sockets.clients) socket.close(code);
    },
    askToReconnect: () => {
      for (const socket of sockets.clients) send(socket, { op: GatewayOpcodes.Reconnect });
    },
    invalidate: (resumable) => {
      if (!resumable) sessions.clear();
      for (const socket of sockets.clients) send(socket, { op: GatewayOpcodes.InvalidSession, d: resumable });
    },
    refuse: (is) => {
      refused = is;
      if (is) for (const socket of sockets.clients) socket.terminate();
    },
    refuseToIdentify: (code) => {
      refusal = code;
    },
    playDead: (is) => {
      dead = is;
    },
    open: () => [...sockets.clients].filter((socket) => socket.readyState === socket.OPEN).length,
    stop: () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}
