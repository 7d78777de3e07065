import { SocketModeClient } from "@slack/socket-mode";
import { z } from "zod";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { pause } from "../../src/pause.ts";
import type { Clock } from "../../src/ports.ts";
import { clientOptions } from "./api.ts";
import { quietLogger, withoutTokens } from "./quiet-logger.ts";
import type { Answer, Delivery, Transport } from "./receiver.ts";

export interface SocketOptions {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs: number;
}

/** Slack renews each connection every few hours; with two, one always stands. */
const CONNECTIONS = 2;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

const Envelope = z.object({
  body: z.record(z.string(), z.unknown()),
  retry_num: z.number().nullish(),
  retry_reason: z.string().nullish(),
});

/**
 * Socket Mode, with the connections kept up here: the client's own way waits five seconds before each new connection,
 * and ends the process with an unhandled rejection where Slack cannot be reached meanwhile.
 */
export function createSocketTransport(options: SocketOptions): Transport & { connected(): number } {
  const open = new Set<SocketModeClient>();
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];

  const keepUp = async (take: (delivery: Delivery) => Promise<Answer>): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const client = newClient(options, take);
      try {
        await connected(client, options);
        open.add(client);
        failures = 0;
        await ended(client, stopping.signal);
      } catch (error) {
        failures += 1;
        options.log.warn({ err: withoutTokens(messageOf(error)), failures }, "no connection to Slack; trying again");
        await pause(options.clock, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures), stopping.signal);
      } finally {
        open.delete(client);
        await client.disconnect().catch(() => undefined);
      }
    }
  };
  return {
    start: (take) => {
      for (let at = 0; at < CONNECTIONS; at += 1) loops.push(keepUp(take));
      return Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
    connected: () => open.size,
  };
}

function newClient(options: SocketOptions, take: (delivery: Delivery) => Promise<Answer>): SocketModeClient {
  const { appToken, log } = options;
  const { logger: _ours, ...rest } = clientOptions(options);
  const client = new SocketModeClient({
    appToken,
    autoReconnectEnabled: false,
    logger: quietLogger(log),
    clientOptions: rest,
  });
  client.on("slack_event", (came: unknown) => {
    const parsed = Envelope.safeParse(came);
    if (!parsed.success || !hasAck(came)) return;
    const { body, retry_num, retry_reason } = parsed.data;
    const number = retry_num ?? 0;
    const retry = number === 0 ? undefined : { number, reason: retry_reason ?? "" };
    take({ body, retry })
      .then((answer) => (answer === undefined ? undefined : came.ack(answer.response)))
      // The connection is gone; Slack delivers again, and gets the same answer.
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, "an acknowledgement did not reach Slack"));
  });
  return client;
}

function hasAck(came: unknown): came is { ack(response?: unknown): Promise<void> } {
  return typeof came === "object" && came !== null && "ack" in came && typeof came.ack === "function";
}

/** The client itself waits for ever where a connection is opened and Slack says nothing. */
async function connected(client: SocketModeClient, { clock, timeoutMs }: SocketOptions): Promise<void> {
  const started = client.start();
  started.catch(() => undefined);
  let callOff: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    callOff = clock.after(timeoutMs, () => reject(new Error("Slack opened a connection and said nothing")));
  });
  try {
    await Promise.race([started, late]);
  } finally {
    callOff();
  }
}

function ended(client: SocketModeClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      signal.removeEventListener("abort", end);
      resolve();
    };
    client.once("disconnected", end);
    signal.addEventListener("abort", end);
  });
}
