import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createFakeClock, type FakeClock } from "../fake-clock.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createRates, type Rates } from "./rates.ts";
import { answerCall, fault, type Call, type Reply, type RestState } from "./rest.ts";
import { createWorld, textIn, type World } from "./world.ts";

/** What goes wrong with the next call that matches. `after`: Discord did it, and the answer is lost. */
export interface Mishap {
  readonly when: (call: Call) => boolean;
  readonly reply: Reply & { readonly headers?: Readonly<Record<string, string>> };
  readonly after?: boolean;
  times: number;
}

/** Discord on loopback: REST and gateway, strict about every body, and misbehaving on demand. */
export interface FakeDiscord {
  /** For the option `rest: { api }` of the real client. */
  readonly api: string;
  readonly world: World;
  readonly gateway: Gateway;
  readonly state: RestState;
  /** Discord's clock, by which interactions end. It stands still until it is told to move. */
  readonly clock: FakeClock;
  /** Every call, in order. */
  readonly calls: Call[];
  mishap(mishap: Mishap): void;
  /** The next call that matches is answered only when it is let go. */
  hold(when: (call: Call) => boolean): { readonly reached: Promise<void>; release(): void };
  /** From now on Discord's rate limits hold, `speed` times as fast. */
  enforceRates(speed: number): void;
  /** From now on what was sent is not kept: for long trials that measure memory. */
  forgetBodies(): void;
  /** How many calls were refused for their rate. */
  limited(): number;
  stop(): Promise<void>;
}

interface Options {
  readonly channels?: number;
  readonly heartbeatMs?: number;
}

export async function aDiscord({ channels = 2, heartbeatMs = 45_000 }: Options = {}): Promise<FakeDiscord> {
  const world = createWorld(
    Array.from({ length: channels }, (_, at) => String(1_100_000_000_000_000_000n + BigInt(at))),
  );
  const calls: Call[] = [];
  const mishaps: Mishap[] = [];
  const held: { when: (call: Call) => boolean; reached: () => void; released: Promise<void> }[] = [];
  let port = 0;
  const gatewayUrl = (): string => `ws://127.0.0.1:${port}/gateway`;
  const clock = createFakeClock();
  const state: RestState = {
    world,
    clock,
    began: new Map(),
    violations: [],
    commands: [],
    application: { id: world.applicationId, name: "coxswain", flags: 0, bot: world.bot },
    gatewayUrl,
  };
  let rates: Rates | undefined;
  let forgetful = false;
  const answer = (call: Call): Mishap["reply"] => {
    const { limited = false, retryAfter = 0, headers = {} } = rates?.count(call) ?? {};
    if (limited) {
      const body = { message: "You are being rate limited.", retry_after: retryAfter, global: false };
      return { status: 429, body, headers: { ...headers, "retry-after": String(Math.ceil(retryAfter)) } };
    }
    return { headers, ...handled(call) };
  };
  const handled = (call: Call): Mishap["reply"] => {
    const mishap = mishaps.find(({ when, times }) => times > 0 && when(call));
    if (mishap === undefined) return answerCall(state, call);
    mishap.times -= 1;
    if (mishap.after === true) answerCall(state, call);
    return mishap.reply;
  };
  const server = createServer((request, response) => {
    void readCall(request).then(
      (call) => {
        calls.push(forgetful ? { ...call, body: {} } : call);
        const at = held.findIndex(({ when }) => when(call));
        const [hold] = at === -1 ? [] : held.splice(at, 1);
        hold?.reached();
        void (hold?.released ?? Promise.resolve()).then(() => write(response, answer(call)));
      },
      () => write(response, fault(400, 0, "not readable")),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
  const gateway = createGateway(server, world, heartbeatMs, gatewayUrl);
  return {
    api: `http://127.0.0.1:${port}/api`,
    world,
    gateway,
    state,
    clock,
    calls,
    enforceRates: (speed) => {
      rates = createRates(speed);
    },
    hold: (when) => {
      const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      held.push({ when, reached: reached.resolve, released: released.promise });
      return { reached: reached.promise, release: released.resolve };
    },
    forgetBodies: () => {
      forgetful = true;
    },
    limited: () => rates?.limited() ?? 0,
    mishap: (mishap) => void mishaps.push(mishap),
    stop: async () => {
      gateway.stop();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? "/", "http://discord");
  const type = request.headers["content-type"] ?? "";
  const raw = Buffer.concat(chunks);
  const { body, files } = type.startsWith("multipart/")
    ? await multipart(raw, type)
    : { body: parse(raw.toString()), files: [] };
  const path = decodeURIComponent(url.pathname).replace(/^\/api\/v10/, "");
  return { method: request.method ?? "GET", path, body, files, query: url.searchParams };
}

/** Files come beside the body, which is then one part of the form. */
async function multipart(raw: Buffer, type: string): Promise<Pick<Call, "body" | "files">> {
  const form = await new Response(raw, { headers: { "content-type": type } }).formData();
  const files = [...form.entries()].flatMap(([, value]) => (typeof value === "string" ? [] : [value.name]));
  return { body: parse(textIn(form.get("payload_json"))), files };
}

function parse(text: string): Call["body"] {
  return text === "" ? {} : { ...(JSON.parse(text) as Call["body"]) };
}

/** 204 carries no content type: the real library would try to read a body. */
function write(response: ServerResponse, { status, body, headers = {} }: Mishap["reply"]): void {
  if (body === undefined) response.writeHead(status, headers).end();
  else response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
