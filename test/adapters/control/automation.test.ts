import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apiTokenIn } from "../../../adapters/control/api-token.ts";
import { ControlFile } from "../../../adapters/control/protocol.ts";
import { serveControl, type ControlServer } from "../../../adapters/control/server.ts";
import { Command } from "../../../src/contracts/command.ts";
import { createLog } from "../../../src/log.ts";
import { createFakeSurface, type FakeSurface } from "../../fakes/fake-surface.ts";
import { aControlPlane, aTask, type ControlPlane } from "../../fixtures/control-plane.ts";

const TOKEN = "an-automation-token-of-40-characters-....";
const TASK = { goal: "please check the house for us", workspace: "/workspace" };

let plane: ControlPlane;
let server: ControlServer;
let surface: FakeSurface;
beforeEach(async () => {
  surface = createFakeSurface("web");
  plane = await aControlPlane({ surfaces: [surface] });
  server = await serve(plane);
});
afterEach(async () => {
  await server.stop();
  await plane.close();
});

function serve({ agent, root }: ControlPlane, access: "open" | "closed" = "open") {
  const options = { door: agent, query: agent, worksOn: () => true, stateRoot: root, host: "127.0.0.1", port: 0 };
  return serveControl({
    ...options,
    version: "0.1.0",
    log: createLog("silent"),
    automation: access === "open" ? { token: TOKEN } : undefined,
  });
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(
  path: string,
  init: Omit<RequestInit, "headers"> & { headers?: Record<string, string> } = {},
): Promise<Answer> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...init.headers };
  const response = await fetch(`${server.url}${path}`, { ...init, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function post(body: unknown, headers: Record<string, string> = { "idempotency-key": "nightly-1" }): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return call("/api/tasks", {
    method: "POST",
    body: text,
    headers: { "content-type": "application/json", ...headers },
  });
}

describe("a task that a program hands in", () => {
  test("is accepted, can be read where the answer says, and gets its thread in the configured channel", async () => {
    const { status, body } = await post({ ...TASK, priority: 1, tenant: "nightly", language: "zh-CN" });
    expect(status).toBe(202);
    expect(body).toEqual({
      taskId: expect.stringMatching(/^run_/),
      url: `${server.url}/api/tasks/${String(body["taskId"])}`,
    });
    const document = await plane.agent.document(String(body["taskId"]));
    expect(document?.run.task).toMatchObject({
      requestedBy: { surface: "api", user: "automation" },
      bindings: [{ surface: "web", channel: "work", role: "home" }],
      priority: 1,
    });
    expect(document?.run).toMatchObject({ tenant: "nightly", language: { language: "zh-CN" } });
    const read = await call(new URL(String(body["url"])).pathname);
    expect(read).toMatchObject({ status: 200, body: { taskId: body["taskId"], goal: TASK.goal } });
    expect(JSON.stringify(read.body)).not.toMatch(/Packet|hiddenInternalFields|choiceSurface/u);
  });

  test("is the same task under the same key, however often and however many at once", async () => {
    const first = await post(TASK);
    const again = await post({ workspace: TASK.workspace, goal: ` ${TASK.goal} `, args: {} });
    expect(again).toEqual({ status: 200, body: first.body });
    const many = await Promise.all(Array.from({ length: 8 }, () => post(TASK, { "idempotency-key": "at-once" })));
    expect(new Set(many.map(({ body }) => body["taskId"])).size).toBe(1);
    expect((await plane.agent.runs({ limit: 10, offset: 0 })).total).toBe(2);
  });

  test("with another content under the same key is refused, also at the same moment", async () => {
    const first = await post({ ...TASK, args: { areas: ["roof"] } });
    const other = await post({ ...TASK, args: { areas: ["cellar"] } });
    expect(other).toMatchObject({ status: 409, body: { code: "api.key_reused" } });
    expect(String(other.body["message"])).toContain(String(first.body["taskId"]));
    const goals = ["check the house one", "check the house two"].map((goal) =>
      post({ ...TASK, goal }, { "idempotency-key": "race" }),
    );
    const statuses = (await Promise.all(goals)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([202, 409]);
  });

  test("is the same task after a restart", async () => {
    const first = await post(TASK);
    await server.stop();
    plane = await plane.restart();
    server = await serve(plane);
    const again = await post(TASK);
    expect(again).toMatchObject({ status: 200, body: { taskId: first.body["taskId"] } });
  });

  test("is answered in advance where it says so", async () => {
    const one = await post({ ...TASK, answers: "recommended" }, { "idempotency-key": "a" });
    const two = await post({ ...TASK, answers: { scope: "everything" } }, { "idempotency-key": "b" });
    const taskOf = async ({ body }: Answer) => (await plane.agent.document(String(body["taskId"])))?.run.task;
    expect(await taskOf(one)).toMatchObject({ answers: "recommended" });
    expect(await taskOf(two)).toMatchObject({ answers: "ask", presetAnswers: { scope: "everything" } });
  });
});

describe("what is wrong is refused as code and message", () => {
  test("bytes that are no UTF-8 are refused, and nothing is started", async () => {
    const latin1 = Buffer.from(JSON.stringify({ ...TASK, goal: "pr\u00fcfe das Haus f\u00fcr uns" }), "latin1");
    const headers = { "content-type": "application/json", "idempotency-key": "k" };
    const answer = await call("/api/tasks", { method: "POST", body: latin1, headers });
    expect(answer).toMatchObject({ status: 400, body: { code: "api.not_utf8" } });
    expect(answer.body["message"]).toContain("UTF-8");
    expect((await plane.agent.runs({ limit: 1, offset: 0 })).total).toBe(0);
  });

  test.each<[string, unknown, Record<string, string>, number, string]>([
    ["no key", TASK, {}, 400, "api.idempotency_key"],
    ["a key with blanks", TASK, { "idempotency-key": "a b" }, 400, "api.idempotency_key"],
    ["a key that is too long", TASK, { "idempotency-key": "k".repeat(201) }, 400, "api.idempotency_key"],
    ["no JSON", "{", { "idempotency-key": "k" }, 400, "input.json"],
    ["another type", TASK, { "idempotency-key": "k", "content-type": "text/plain" }, 415, "api.json_only"],
    ["no goal", { workspace: "/w" }, { "idempotency-key": "k" }, 400, "input.invalid"],
    ["a relative folder", { ...TASK, workspace: "here" }, { "idempotency-key": "k" }, 400, "input.invalid"],
    ["an unknown field", { ...TASK, sudo: true }, { "idempotency-key": "k" }, 400, "input.invalid"],
    ["somebody else's name", { ...TASK, requestedBy: "olga" }, { "idempotency-key": "k" }, 400, "input.invalid"],
    [
      "a bare repository",
      { ...TASK, workspace: "/bare.git" },
      { "idempotency-key": "k" },
      422,
      "workspace.not_a_work_tree",
    ],
    ["an unknown macro", { ...TASK, macro: "none" }, { "idempotency-key": "k" }, 422, "macro.unknown"],
    [
      "a wrong argument",
      { ...TASK, macro: "house-check", args: { x: 1 } },
      { "idempotency-key": "k" },
      422,
      "macro.bad_argument",
    ],
    [
      "a body without end",
      { ...TASK, goal: "x".repeat(1_100_000) },
      { "idempotency-key": "k" },
      413,
      "control.too_large",
    ],
  ])("%s", async (_title, body, headers, status, code) => {
    const answer = await post(body, headers);
    expect(answer).toMatchObject({ status, body: { code, message: expect.any(String) } });
    expect((await plane.agent.runs({ limit: 1, offset: 0 })).total).toBe(0);
  });

  test("in the language that is asked for", async () => {
    const { body } = await post(TASK, { "accept-language": "zh-CN,zh;q=0.9" });
    expect(body["message"]).toContain("请求头");
  });

  test.each(["/api/tasks/run_nobodyknows", "/api/tasks/%2e%2e", "/api/other"])("%s is not found", async (path) => {
    expect((await call(path)).status).toBe(404);
  });

  test("where the role for it is missing", async () => {
    const nobody = await aControlPlane({ rolesOf: () => new Set() });
    const refusing = await serve(nobody);
    const response = await fetch(`${refusing.url}/api/tasks`, {
      method: "POST",
      body: JSON.stringify(TASK),
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", "idempotency-key": "k" },
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "auth.not_allowed" });
    await refusing.stop();
    await nobody.close();
  });
});

describe("two tokens, two doors", () => {
  test("the automation token opens no other door, and the other token not this one", async () => {
    const file = ControlFile.parse(JSON.parse(await readFile(join(plane.root, "control.json"), "utf8")));
    expect((await call("/v1/hello")).status).toBe(401);
    const mine = await post(TASK, { "idempotency-key": "k", authorization: `Bearer ${file.token}` });
    expect(mine).toMatchObject({ status: 401, body: { code: "api.unauthorized" } });
    expect((await post(TASK, { "idempotency-key": "k", authorization: "" })).status).toBe(401);
  });

  test.each([
    ["DELETE", "/api/tasks", {}, 401],
    ["DELETE", "/v1/runs", {}, 401],
    ["DELETE", "/api/tasks", { authorization: `Bearer ${TOKEN}` }, 405],
    ["PUT", "/api/tasks/run_4k2m9x7q1b", { authorization: `Bearer ${TOKEN}` }, 405],
    ["DELETE", "/api/else", { authorization: `Bearer ${TOKEN}` }, 404],
    ["POST", "/api/tasks", { authorization: `Bearer ${TOKEN}` }, 400],
    ["POST", "/api/tasks", { authorization: `Bearer ${TOKEN}`, "transfer-encoding": "chunked" }, 411],
  ] as const)(
    "%s %s without a body (%j) is refused with %i, and is no fault of ours",
    async (method, path, headers, status) => {
      const outgoing = request(`${server.url}${path}`, { method, headers });
      // Without this Node adds a length to what has none.
      if (!("transfer-encoding" in headers)) outgoing.useChunkedEncodingByDefault = false;
      outgoing.end();
      const [response] = (await once(outgoing, "response")) as [IncomingMessage];
      response.resume();
      expect(response.statusCode).toBe(status);
    },
  );

  test("a page in a browser is refused", async () => {
    expect((await post(TASK, { "idempotency-key": "k", origin: "http://127.0.0.1" })).status).toBe(403);
  });

  test("an owner that works on its own run only has no automation door", async () => {
    await server.stop();
    server = await serve(plane, "closed");
    expect((await post(TASK)).status).toBe(401);
  });
});

describe("the token of the automation API", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "coxswain-token-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  test("is made once, for the user alone, and stays", async () => {
    const token = await apiTokenIn(root, undefined);
    const file = join(root, "api-token");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await chmod(file, 0o644);
    expect(await apiTokenIn(root, undefined)).toBe(token);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test("is the operator's where one is set, and a weak one is refused without being shown", async () => {
    expect(await apiTokenIn(root, TOKEN)).toBe(TOKEN);
    await expect(apiTokenIn(root, "hunter2")).rejects.toThrow(/COXSWAIN_API_TOKEN.*at least 32/su);
    await expect(apiTokenIn(root, "hunter2")).rejects.not.toThrow("hunter2");
    await writeFile(join(root, "api-token"), "\n");
    await expect(apiTokenIn(root, undefined)).rejects.toThrow("api-token");
  });
});

test("a task from code gets its thread in the same channel, and is for whom it names", async () => {
  const id = plane.agent.enqueueTask(aTask({ requestedBy: { surface: "ci", user: "nightly" } }));
  await plane.agent.accepted(id);
  const document = await plane.agent.document(id);
  expect(document?.run).toMatchObject({
    tenant: "ci:nightly",
    task: { bindings: [{ surface: "web", channel: "work" }] },
  });
});

test("a person's run stays where the person is", async () => {
  const task = aTask({ bindings: [] });
  const reply = await plane.agent.handle(Command.parse({ kind: "run.start", id: "s", by: task.requestedBy, task }));
  if (reply.kind !== "accepted") throw new Error("not started");
  expect((await plane.agent.document(reply.runId))?.run.task.bindings).toEqual([]);
});

test("a task whose document is damaged is said to be put aside, where and why", async () => {
  const { body } = await post(TASK);
  const taskId = String(body["taskId"]);
  await server.stop();
  plane = await plane.restart(() => writeFile(join(plane.root, "runs", taskId, "run.json"), "torn"));
  server = await serve(plane);
  const { status, body: said } = await call(`/api/tasks/${taskId}`);
  expect(status).toBe(410);
  expect(said).toMatchObject({ code: "run.set_aside", message: expect.stringContaining(`quarantine/${taskId}-1`) });
  expect(said["message"]).toContain("run.json");
});
