import type { z } from "zod";
import { CommandReply, type Command } from "../../src/contracts/command.ts";
import { RunDocument } from "../../src/contracts/document.ts";
import type { RunId } from "../../src/contracts/id.ts";
import { QueueView, RunView, RunWatchMessage, SetAside } from "../../src/contracts/view.ts";
import { CoxswainError, InputError, messageOf, parseAtDoor } from "../../src/errors.ts";
import type { Door, Query, RunFilter } from "../../src/ports.ts";
import { readControlFile } from "./control-file.ts";
import { eventData } from "./event-stream.ts";
import { ControlError, Hello, PROTOCOL, RunList, WorkedOn, type ControlFile } from "./protocol.ts";

/** The bot of a state root, seen from another process of the same user. */
export interface ControlClient extends Door, Query {
  readonly hello: Hello;
  /** Resolves with the reason when a watch broke off because the bot went away; never rejects. */
  readonly lost: Promise<CoxswainError>;
  /** Whether the owner works on the run: a bot does on all, a terminal program on its own only. */
  worksOn(runId: RunId): Promise<boolean>;
  /** Ends all watches. */
  close(): void;
}

/** How long a bot on the same machine may take to say hello. */
const HELLO_LIMIT_MS = 5000;

/**
 * Finds the bot that owns a state root. Undefined where none answers: no file, or the file of a process that is gone.
 * Throws an InputError where one answers that speaks another protocol.
 */
export async function connectControl(stateRoot: string): Promise<ControlClient | undefined> {
  const file = await readControlFile(stateRoot);
  if (file === undefined) return undefined;
  const hello = await greet(file);
  if (hello === undefined) return undefined;
  if (hello.protocol !== PROTOCOL) {
    throw new InputError(
      "control.version",
      `The bot of ${stateRoot} (process ${hello.pid}, version ${hello.version}) speaks protocol ${hello.protocol}, ` +
        `and this program speaks ${PROTOCOL}. Stop that bot and start it from the same version as this program.`,
    );
  }
  return createClient(file, hello);
}

/** Undefined where nobody answers, or somebody else who got the port after the bot had gone. */
async function greet({ url, token }: ControlFile): Promise<Hello | undefined> {
  try {
    const response = await fetch(`${url}/v1/hello`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(HELLO_LIMIT_MS),
    });
    return response.ok ? Hello.safeParse(await response.json()).data : undefined;
  } catch {
    return undefined;
  }
}

function createClient({ url, token }: ControlFile, hello: Hello): ControlClient {
  const closing = new AbortController();
  const lost = Promise.withResolvers<CoxswainError>();

  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    try {
      return await fetch(`${url}${path}`, { ...init, headers });
    } catch (error) {
      throw unreachable(hello, error);
    }
  };
  const get = async <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> =>
    read(await call(path), schema);
  const find = async <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> => {
    const response = await call(path);
    if (response.status !== 404) return read(response, schema);
    await response.body?.cancel();
    return undefined;
  };
  const watch = async (runId: RunId, listener: (message: RunWatchMessage) => void, signal: AbortSignal) => {
    const response = await call(`/v1/runs/${runId}/watch`, { signal });
    if (!response.ok || response.body === null) throw await refusalOf(response);
    for await (const data of eventData(response.body)) {
      listener(parseAtDoor(RunWatchMessage, JSON.parse(data), "A message of the bot"));
    }
    throw unreachable(hello, undefined);
  };

  return {
    hello,
    lost: lost.promise,
    handle: async (command: Command) =>
      read(
        await call("/v1/commands", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(command),
        }),
        CommandReply,
      ),
    run: (runId) => find(`/v1/runs/${runId}`, RunView),
    document: (runId) => find(`/v1/runs/${runId}/document`, RunDocument),
    runs: (filter) => get(`/v1/runs?${paramsOf(filter).toString()}`, RunList),
    setAside: (runId) => find(`/v1/runs/${runId}/set-aside`, SetAside),
    queue: () => get("/v1/queue", QueueView),
    worksOn: async (runId) => (await get(`/v1/runs/${runId}/worked-on`, WorkedOn)).workedOn,
    watch(runId, listener) {
      const ending = new AbortController();
      const signal = AbortSignal.any([ending.signal, closing.signal]);
      watch(runId, listener, signal).catch((error: unknown) => {
        if (!signal.aborted) lost.resolve(error instanceof CoxswainError ? error : unreachable(hello, error));
      });
      return () => ending.abort();
    },
    close: () => closing.abort(),
  };
}

async function read<S extends z.ZodType>(response: Response, schema: S): Promise<z.output<S>> {
  if (!response.ok) throw await refusalOf(response);
  return parseAtDoor(schema, await response.json(), "The answer of the bot");
}

async function refusalOf(response: Response): Promise<CoxswainError> {
  const text = await response.text();
  const refusal = ControlError.safeParse(parseJson(text)).data;
  const code = refusal?.code ?? "control.failed";
  const message = refusal?.message ?? `The bot answered ${response.status}: ${text.slice(0, 200)}`;
  return response.status < 500 ? new InputError(code, message) : new CoxswainError(code, message);
}

function unreachable(hello: Hello, cause: unknown): CoxswainError {
  const why = cause === undefined ? "the connection ended" : messageOf(cause);
  return new CoxswainError("control.unreachable", `The bot (process ${hello.pid}) no longer answers: ${why}.`, {
    retryable: true,
    cause,
  });
}

function paramsOf({ status, search, limit, offset }: RunFilter): URLSearchParams {
  const params = new URLSearchParams({ limit: String(limit), offset: String(offset) });
  if (status !== undefined) params.set("status", status);
  if (search !== undefined) params.set("search", search);
  return params;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
