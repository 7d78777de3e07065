import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { CoxswainError, messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import type { Answer, Delivery, Transport } from "./receiver.ts";
import { isRecord } from "../../src/is-record.ts";

export interface HttpOptions {
  readonly signingSecret: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
}

const BODY_BYTES = 1024 * 1024;
/** Slack's own rule, in both directions: a time in the future is as wrong as one in the past. */
const CLOCK_MS = 5 * 60_000;
const HOLDS_MS = 2 * CLOCK_MS;

/** Slack by HTTP: one address for events, clicks and commands, each request signed, and taken once. */
export function createHttpTransport(options: HttpOptions): Transport & { port(): number } {
  const { clock, log } = options;
  const signatures = new Map<string, number>();
  let server: Server | undefined;
  let port = options.port;

  /** Undefined where it is not Slack's, is too old, or came before: a retry of Slack's is signed anew. */
  const genuine = (request: IncomingMessage, body: string): boolean => {
    const now = clock.now();
    const signature = String(request.headers["x-slack-signature"] ?? "");
    const time = String(request.headers["x-slack-request-timestamp"] ?? "");
    if (!/^\d{1,12}$/.test(time) || Math.abs(now - Number(time) * 1000) > CLOCK_MS) return false;
    if (!isSigned(options.signingSecret, time, body, signature)) return false;
    for (const [old, at] of signatures) {
      if (now - at <= HOLDS_MS) break;
      signatures.delete(old);
    }
    if (signatures.has(signature)) return false;
    signatures.set(signature, now);
    return true;
  };
  const handle = async (
    request: IncomingMessage,
    response: ServerResponse,
    take: (delivery: Delivery) => Promise<Answer>,
  ): Promise<void> => {
    if (request.method !== "POST") return end(response, 404);
    const body = await bodyOf(request);
    if (body === undefined) return end(response, 413);
    if (!genuine(request, body)) return end(response, 401);
    const parsed = parsedBody(body, request.headers["content-type"] ?? "");
    if (parsed === undefined) return end(response, 400);
    if (parsed["type"] === "url_verification") return end(response, 200, { challenge: String(parsed["challenge"]) });
    const number = Number(request.headers["x-slack-retry-num"] ?? 0);
    const reason = String(request.headers["x-slack-retry-reason"] ?? "");
    const answer = await take({ body: parsed, retry: number > 0 ? { number, reason } : undefined });
    // Not taken in: with this status Slack delivers again.
    if (answer === undefined) return end(response, 503);
    return end(response, 200, answer.response);
  };

  return {
    start: async (take) => {
      const made = createServer((request, response) => {
        handle(request, response, take).catch((error: unknown) => {
          log.error({ err: messageOf(error) }, "a request of Slack failed");
          if (!response.headersSent) end(response, 503);
        });
      });
      made.listen(options.port, options.host);
      await once(made, "listening");
      const address = made.address();
      if (address === null || typeof address === "string") throw new CoxswainError("slack.port", "No port was given.");
      port = address.port;
      server = made;
    },
    stop: async () => {
      if (server === undefined) return;
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await closed;
    },
    port: () => port,
  };
}

function isSigned(secret: string, time: string, body: string, signature: string): boolean {
  const expected = Buffer.from(`v0=${createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex")}`);
  const came = Buffer.from(signature);
  return came.length === expected.length && timingSafeEqual(came, expected);
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > BODY_BYTES) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parsedBody(body: string, type: string): Delivery["body"] | undefined {
  try {
    if (type.startsWith("application/json")) return record(JSON.parse(body));
    const fields = new URLSearchParams(body);
    const payload = fields.get("payload");
    return payload === null ? Object.fromEntries(fields) : record(JSON.parse(payload));
  } catch {
    return undefined;
  }
}

function record(value: unknown): Delivery["body"] | undefined {
  return isRecord(value) ? { ...value } : undefined;
}

function end(response: ServerResponse, status: number, body?: unknown): void {
  if (body === undefined || body === "") {
    response.writeHead(status).end();
    return;
  }
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response
    .writeHead(status, { "content-type": typeof body === "string" ? "text/plain" : "application/json" })
    .end(text);
}
