import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectControl, type ControlClient } from "../../../adapters/control/client.ts";
import { ControlFile } from "../../../adapters/control/protocol.ts";
import { serveControl, type ControlServer } from "../../../adapters/control/server.ts";
import type { RunWatchMessage } from "../../../src/contracts/view.ts";
import { createLog } from "../../../src/log.ts";
import { createFakeSession, type FakeSession } from "../../fakes/fake-session.ts";
import { RUN_ID, viewAt, waitingView } from "../../fakes/run-views.ts";
import { eventually } from "../../fixtures/eventually.ts";

let stateRoot: string;
let session: FakeSession;
let server: ControlServer;
let client: ControlClient;
let file: ControlFile;

beforeEach(async () => {
  stateRoot = await mkdtemp(join(tmpdir(), "coxswain-control-"));
  session = createFakeSession();
  server = await serveControl({
    door: session.door,
    query: session.query,
    worksOn: (runId) => runId === RUN_ID,
    stateRoot,
    host: "127.0.0.1",
    port: 0,
    version: "0.1.0",
    log: createLog("silent"),
    keepAliveMs: 20,
  });
  file = ControlFile.parse(JSON.parse(await readFile(join(stateRoot, "control.json"), "utf8")));
  const connected = await connectControl(stateRoot);
  if (connected === undefined) throw new Error("no bot answered");
  client = connected;
});

afterEach(async () => {
  client.close();
  await server.stop();
  await rm(stateRoot, { recursive: true });
});

const by = { surface: "terminal", user: "alice" };

async function send(
  path: string,
  init: Omit<RequestInit, "headers"> & { headers?: Record<string, string> } = {},
): Promise<{ status: number; body: unknown }> {
  const headers = new Headers({ "content-type": "application/json", ...init.headers });
  headers.set("authorization", `Bearer ${file.token}`);
  const response = await fetch(`${file.url}${path}`, { ...init, headers });
  return { status: response.status, body: await response.json() };
}

/** With headers that fetch does not let anyone set. */
async function sendRaw(headers: Record<string, string>): Promise<number | undefined> {
  const outgoing = request(`${file.url}/v1/hello`, { headers }).end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test("only the user can read the token, and it is gone after the stop", async () => {
  const { mode } = await stat(join(stateRoot, "control.json"));
  expect(mode & 0o777).toBe(0o600);
  const own = await mkdtemp(join(tmpdir(), "coxswain-control-"));
  const worksOn = (): boolean => true;
  const options = { door: session.door, query: session.query, worksOn, stateRoot: own, host: "127.0.0.1", port: 0 };
  const other = await serveControl({ ...options, version: "0.1.0", log: createLog("silent") });
  await other.stop();
  await expect(stat(join(own, "control.json"))).rejects.toThrow("ENOENT");
  await rm(own, { recursive: true });
});

test("a command goes through the door and its reply comes back", async () => {
  const command = { kind: "run.cancel", id: "c1", by, runId: RUN_ID } as const;
  await expect(client.handle(command)).resolves.toEqual({ kind: "accepted", runId: RUN_ID, version: 1 });
  expect(session.commands).toEqual([command]);
});

test("a body that is no UTF-8 is refused, and reaches no door", async () => {
  const command = { kind: "run.message", id: "m1", by, runId: RUN_ID, text: "prüfe das Haus" };
  const body = Buffer.from(JSON.stringify(command), "latin1");
  const answer = await send("/v1/commands", { method: "POST", body });
  expect(answer).toMatchObject({ status: 400, body: { code: "control.not_utf8" } });
  expect(session.commands).toEqual([]);
});

test("a refusal of the door is a value at the client as well", async () => {
  session.reply(() => ({ kind: "refused", code: "run.finished", message: "it has ended" }));
  const reply = await client.handle({ kind: "run.cancel", id: "c1", by, runId: RUN_ID });
  expect(reply).toEqual({ kind: "refused", code: "run.finished", message: "it has ended" });
});

test("a run is read as it is, and an unknown one is undefined", async () => {
  expect(await client.setAside("run_damaged000")).toBeUndefined();
  const aside = { name: "run_damaged000", folder: "/q", reason: "bad" };
  session.setAside(aside);
  expect(await client.setAside("run_damaged000")).toEqual(aside);
  const view = waitingView();
  session.show(view);
  await expect(client.run(RUN_ID)).resolves.toEqual(view);
  await expect(client.run("run_nobodyknows")).resolves.toBeUndefined();
  await expect(client.document(RUN_ID)).resolves.toBeUndefined();
  await expect(client.runs({ status: "waiting", search: "health", limit: 5, offset: 0 })).resolves.toEqual({
    runs: [view.summary],
    total: 1,
  });
  await expect(client.worksOn(RUN_ID)).resolves.toBe(true);
  await expect(client.worksOn("run_nobodyknows")).resolves.toBe(false);
  await expect(client.queue()).resolves.toMatchObject({ strategy: "fair" });
});

test.each([
  ["no token", {}],
  ["a wrong token", { authorization: "Bearer wrong" }],
  ["another scheme", { authorization: "Basic d3Jvbmc=" }],
])("%s is refused", async (_title, headers) => {
  const response = await fetch(`${file.url}/v1/hello`, { headers });
  expect([400, 401]).toContain(response.status);
  await expect(response.json()).resolves.toMatchObject({ code: "control.unauthorized" });
});

test("a foreign host name and a page's origin are refused even with the token", async () => {
  const authorization = `Bearer ${file.token}`;
  await expect(sendRaw({ authorization })).resolves.toBe(200);
  await expect(sendRaw({ authorization, host: "attacker.example" })).resolves.toBe(403);
  await expect(sendRaw({ authorization, host: "127.0.0.1.attacker.example" })).resolves.toBe(403);
  await expect(sendRaw({ authorization, origin: "http://127.0.0.1" })).resolves.toBe(403);
});

test.each([
  ["garbage", "{oops", {}, 400, "input.json"],
  ["an unknown kind", '{"kind":"run.explode"}', {}, 400, "input.invalid"],
  ["a form", "kind=run.cancel", { "content-type": "application/x-www-form-urlencoded" }, 415, "control.json_only"],
  ["a body beyond the limit", `"${"x".repeat(1024 * 1024)}"`, {}, 413, "control.too_large"],
])("%s as command is refused with a code", async (_title, body, headers, status, code) => {
  const answer = await send("/v1/commands", { method: "POST", body, headers });
  expect(answer).toMatchObject({ status, body: { code } });
  expect(session.commands).toEqual([]);
});

test("what is not a run id, a filter or a path is refused with a code", async () => {
  await expect(send("/v1/runs/..%2f..")).resolves.toMatchObject({ status: 400, body: { code: "input.invalid" } });
  await expect(send("/v1/runs?limit=many")).resolves.toMatchObject({ status: 400, body: { code: "input.invalid" } });
  await expect(send("/v1/secrets")).resolves.toMatchObject({ status: 404, body: { code: "control.unknown_path" } });
});

test("a failure inside the bot is an error with its message, not a hanging request", async () => {
  session.reply(() => {
    throw new Error("the disk is full");
  });
  await expect(client.handle({ kind: "run.cancel", id: "c1", by, runId: RUN_ID })).rejects.toMatchObject({
    code: "control.internal",
    message: "the disk is full",
  });
});

test("a watcher gets the present state, every further one, and live progress", async () => {
  session.show(viewAt("fetch", "active"));
  const seen: RunWatchMessage[] = [];
  const unwatch = client.watch(RUN_ID, (message) => seen.push(message));
  await eventually(() => expect(seen).toHaveLength(1));
  session.show(viewAt("thinking", "active"));
  await eventually(() => expect(seen).toHaveLength(2));
  const progress = { runId: RUN_ID, dispatchId: "dsp_4k2m9x7q1b_4", laneId: "history", done: 1, total: 2, text: null };
  session.tell({ kind: "progress", ...progress });
  await eventually(() => expect(seen).toHaveLength(3));
  session.tell({ kind: "trouble", runId: RUN_ID, text: { kind: "raw", raw: "the disk is full" } });
  await eventually(() => expect(seen).toHaveLength(4));
  expect(seen.pop()).toMatchObject({ kind: "trouble", text: { raw: "the disk is full" } });
  expect(
    seen.map((message) =>
      message.kind === "view" ? message.view.summary.stage : "laneId" in message && message.laneId,
    ),
  ).toEqual(["fetch", "thinking", "history"]);
  unwatch();
  await eventually(() => expect(session.watchers).toBe(0));
});

test("a watcher that does not read gets the newest state in the end, and the bot holds no queue for it", async () => {
  const big = "x".repeat(200_000);
  const show = (version: number): void =>
    session.show({ ...viewAt("execution", "active"), version, folder: `${version}${big}` });
  show(1);
  const outgoing = request(`${file.url}/v1/runs/${RUN_ID}/watch`, {
    headers: { authorization: `Bearer ${file.token}` },
  }).end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  response.pause();
  const last = 300;
  for (let version = 2; version <= last; version += 1) {
    show(version);
    await new Promise(setImmediate);
  }
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  response.resume();
  await eventually(() => expect(text).toContain(`"version":${last},`));
  expect(text.length).toBeLessThan((last / 2) * big.length);
  response.destroy();
  await eventually(() => expect(session.watchers).toBe(0));
});

test("a client that disconnects leaves no watcher behind, even when nothing more happens", async () => {
  session.show(viewAt("fetch", "active"));
  const leaving = await connectControl(stateRoot);
  leaving?.watch(RUN_ID, () => {});
  await eventually(() => expect(session.watchers).toBe(1));
  leaving?.close();
  await eventually(() => expect(session.watchers).toBe(0));
});

test("a watcher hears it when the bot goes away", async () => {
  session.show(viewAt("fetch", "active"));
  const seen = vi.fn<(message: RunWatchMessage) => void>();
  client.watch(RUN_ID, seen);
  await eventually(() => expect(seen).toHaveBeenCalled());
  await server.stop();
  await expect(client.lost).resolves.toMatchObject({ code: "control.unreachable", retryable: true });
  await expect(client.run(RUN_ID)).rejects.toMatchObject({ code: "control.unreachable" });
  server = { url: server.url, stop: async () => {} };
});

test("the file of a bot that is gone, a torn one and none at all mean that no bot runs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-control-"));
  await expect(connectControl(folder)).resolves.toBeUndefined();
  await writeFile(join(folder, "control.json"), '{"url":"http://127.0');
  await expect(connectControl(folder)).resolves.toBeUndefined();
  await writeFile(join(folder, "control.json"), JSON.stringify({ ...file, url: "http://127.0.0.1:9" }));
  await expect(connectControl(folder)).resolves.toBeUndefined();
  await writeFile(join(folder, "control.json"), JSON.stringify({ ...file, token: "x".repeat(43) }));
  await expect(connectControl(folder)).resolves.toBeUndefined();
  await rm(folder, { recursive: true });
});
