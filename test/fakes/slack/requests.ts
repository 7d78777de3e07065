import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../../src/ports.ts";
import { argsOf, word } from "./payload.ts";
import { createRates, type Rates } from "./rates.ts";
import { answerCall, takeResponse } from "./web-api.ts";
import type { Json, World } from "./world.ts";

/** What the next calls of a method meet with. */
export type Trouble =
  | { readonly kind: "limited"; readonly seconds: number; readonly channel?: string }
  | { readonly kind: "status"; readonly status: number }
  /** It arrives, and the answer is lost. */
  | { readonly kind: "dropped" }
  | { readonly kind: "slow"; readonly until: Promise<void> }
  | { readonly kind: "refused"; readonly error: string };

/** Slack's side of HTTP: what is asked for, how often it may be, and what goes wrong with it. */
export interface Requests {
  readonly calls: { readonly method: string; readonly args: Json; readonly at: number }[];
  trouble(method: string, ...troubles: Trouble[]): void;
  /** From now on Slack limits calls as it documents, by this clock. */
  enforceRates(clock: Pick<Clock, "now">): void;
  /** From now on only the names of calls are kept. */
  forgetArguments(): void;
  /** How many calls were limited so, by method. */
  limited(): ReadonlyMap<string, number>;
  readonly take: (request: IncomingMessage, response: ServerResponse) => void;
}

export function createRequests(world: World): Requests {
  const calls: Requests["calls"] = [];
  const troubles = new Map<string, Trouble[]>();
  const limited = new Map<string, number>();
  let keepsArguments = true;
  let rates: Rates | undefined;

  const nextTrouble = (method: string, args: Json): Trouble | undefined => {
    const waiting = troubles.get(method) ?? [];
    const at = waiting.findIndex(
      (item) => item.kind !== "limited" || item.channel === undefined || item.channel === args["channel"],
    );
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  };
  const call = async (method: string, args: Json, response: ServerResponse): Promise<void> => {
    calls.push({ method, args: keepsArguments ? args : {}, at: Date.now() });
    const send = (result: Json, status = 200, headers: Record<string, string> = {}): void => {
      const rights = { "x-oauth-scopes": world.granted.join(",") };
      response
        .writeHead(status, { "content-type": "application/json", ...rights, ...headers })
        .end(JSON.stringify(result));
    };
    const sendLimited = (seconds: number): void =>
      send({ ok: false, error: "ratelimited" }, 429, { "retry-after": `${seconds}` });
    const retryAfter = rates?.take(method, word(args["channel"])) ?? 0;
    if (retryAfter > 0) {
      limited.set(method, (limited.get(method) ?? 0) + 1);
      return sendLimited(retryAfter);
    }
    const trouble = nextTrouble(method, args);
    if (trouble?.kind === "limited") return sendLimited(trouble.seconds);
    if (trouble?.kind === "status") return send({ ok: false }, trouble.status);
    if (trouble?.kind === "refused") return send({ ok: false, error: trouble.error });
    if (trouble?.kind === "slow") await trouble.until;
    const result = world.revoked ? { ok: false, error: "token_revoked" } : answerCall(world, method, args);
    if (trouble?.kind === "dropped") response.destroy();
    else send(result);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await read(request);
    const [, door = "", rest = ""] = /^\/(upload|respond|api)\/(.*)$/s.exec(request.url ?? "") ?? [];
    if (door === "upload") {
      world.uploads.set(rest, { name: world.uploads.get(rest)?.name ?? "", content: body });
      response.end("OK");
    } else if (door === "respond") {
      takeResponse(world, rest, JSON.parse(body));
      response.end("ok");
    } else await call(rest, argsOf(body), response);
  };

  return {
    calls,
    trouble: (method, ...more) => troubles.set(method, [...(troubles.get(method) ?? []), ...more]),
    enforceRates: (clock) => {
      rates = createRates(clock);
    },
    forgetArguments: () => {
      keepsArguments = false;
    },
    limited: () => limited,
    take: (request, response) => void answer(request, response).catch(() => response.destroy()),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString("utf8");
}
