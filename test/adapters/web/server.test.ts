import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer, request, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createConsole } from "../../../adapters/web/server.ts";
import { createLog } from "../../../src/log.ts";
import { Command } from "../../../src/contracts/command.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";
import { createFaultyDisk } from "../engine/faulty-disk.ts";
import { aTask } from "../../fixtures/control-plane.ts";
import { aVisitor, formsIn, textIn, type Visitor } from "../../fixtures/browser-less.ts";
import { goodResultFor } from "../../fakes/fake-runtime.ts";
import { aConsole, type ConsolePlane } from "../../fixtures/console.ts";
import { eventually } from "../../fixtures/eventually.ts";

let here: ConsolePlane;
let visitor: Visitor;
beforeEach(async () => {
  here = await aConsole();
  visitor = await aVisitor(here.url);
});
afterEach(() => here.close());

const origin = (): string => new URL(here.url).origin;

/** With headers that fetch lets nobody set. */
async function raw(
  path: string,
  headers: Record<string, string>,
  method = "GET",
  body = "",
): Promise<number | undefined> {
  const outgoing = request(`${origin()}${path}`, { headers, method });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

async function signedIn(): Promise<string> {
  const response = await fetch(here.url, { redirect: "manual" });
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** A form of ours, with the fields that a page of ours holds. */
async function composer(): Promise<(readonly [string, string])[]> {
  const form = formsIn((await visitor.get("/chat/work")).html).find(({ action }) => action === "/chat/work/say");
  return form?.fields.filter(([name]) => name !== "text") ?? [];
}

describe("who comes in", () => {
  test("without the token nothing is shown but how to get in", async () => {
    for (const path of ["/", "/chat/work", "/runs", "/events?topics=runs", "/?token=wrong"]) {
      const response = await fetch(new URL(path, origin()));
      expect(response.status).toBe(401);
      expect(textIn(await response.text())).toContain("token=");
    }
  });

  test("the token of the address becomes a cookie that scripts cannot read, and leaves the address", async () => {
    const response = await fetch(`${here.url}&x=1`, { redirect: "manual" });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/?x=1");
    const [cookie = ""] = response.headers.getSetCookie();
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
  });

  test("the secret is readable by the user alone and survives a restart, so browsers stay signed in", async () => {
    const file = join(here.plane().root, "console", "session.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await here.restart();
    expect((await visitor.get("/runs")).status).toBe(200);
    expect(new URL(here.url).searchParams.get("token")).toBe(JSON.parse(await readFile(file, "utf8")).token);
  });

  test("foreign host names and foreign pages are refused, even with the cookie", async () => {
    const cookie = await signedIn();
    expect(await raw("/runs", { cookie })).toBe(200);
    expect(await raw("/runs", { cookie, host: "attacker.example" })).toBe(403);
    expect(await raw("/runs", { cookie, host: "127.0.0.1.attacker.example" })).toBe(403);
    expect(await raw("/runs", { cookie, origin: "http://attacker.example" })).toBe(403);
    expect(await raw("/runs", { cookie, origin: "http://127.0.0.1:1" })).toBe(403);
    for (const site of ["cross-site", "same-site"])
      expect(await raw("/runs", { cookie, "sec-fetch-site": site })).toBe(403);
    expect(await raw("/static/console.css", { host: "attacker.example" })).toBe(403);
  });

  test("a form needs our origin and what our page has put into it", async () => {
    const cookie = await signedIn();
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const fields = new URLSearchParams((await composer()).map(([name, value]): [string, string] => [name, value]));
    fields.set("text", "/cox help");
    expect(await raw("/chat/work/say", { cookie, ...type }, "POST", fields.toString())).toBe(403);
    expect(await raw("/chat/work/say", { cookie, ...type, origin: "null" }, "POST", fields.toString())).toBe(403);
    expect(await raw("/chat/work/say", { cookie, ...type, origin: origin() }, "POST", fields.toString())).toBe(303);
    expect(
      await raw(
        "/chat/work/say",
        { cookie, origin: origin(), "content-type": "text/plain" },
        "POST",
        fields.toString(),
      ),
    ).toBe(403);
    fields.set("form", "guessed");
    expect(await raw("/chat/work/say", { cookie, ...type, origin: origin() }, "POST", fields.toString())).toBe(403);
    expect(await raw("/act", { cookie, ...type, origin: origin() }, "POST", fields.toString())).toBe(403);
  });

  test("every answer carries the strict policy", async () => {
    for (const path of ["/static/console.js", "/runs", "/nowhere"]) {
      const response = await fetch(new URL(path, origin()), { headers: { cookie: await signedIn() } });
      expect(response.headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("a form never leads out of the console", async () => {
    const form = formsIn((await visitor.get("/settings")).html).find(({ action }) => action === "/me");
    for (const back of [
      "https://attacker.example/",
      "//attacker.example/",
      "/\\attacker.example",
      "javascript:alert(1)",
    ]) {
      const fields = [...(form?.fields.filter(([name]) => name !== "back") ?? []), ["back", back] as const];
      expect(new URL((await visitor.send("/me", fields)).url).origin).toBe(origin());
    }
  });
});

describe("what is taken", () => {
  test("more than the limit is refused, with a page that says so", async () => {
    const answer = await visitor.send("/chat/work/say", [...(await composer()), ["text", "x".repeat(300_000)]]);
    expect(answer.status).toBe(413);
    expect(textIn(answer.html)).toContain("Too much at once");
  });

  test("a body whose length is not said is refused, whatever is asked for", async () => {
    const headers = { cookie: await signedIn(), origin: origin(), "transfer-encoding": "chunked" };
    for (const method of ["POST", "PUT", "DELETE"]) {
      expect(await raw("/chat/work/say", headers, method, "text=a")).toBe(400);
    }
  });

  test("a folder that is no whole path starts nothing", async () => {
    const fields = (await composer()).filter(([name]) => name !== "workspace");
    const answer = await visitor.send("/chat/work/say", [
      ...fields,
      ["workspace", "../secret"],
      ["text", "/cox run check the house"],
    ]);
    expect(textIn(answer.html)).toContain("whole path");
    const kept = formsIn(answer.html).find(({ action }) => action === "/chat/work/say");
    expect(kept?.fields).toContainEqual(["workspace", "../secret"]);
    expect((await here.plane().agent.runs({ limit: 1, offset: 0 })).total).toBe(0);
  });

  test("the folder and the words of the last run are remembered and shown", async () => {
    const fields = (await composer()).filter(([name]) => name !== "workspace");
    await visitor.send("/chat/work/say", [
      ...fields,
      ["workspace", "/srv/garden"],
      ["text", "/cox run check the house"],
    ]);
    expect(Object.fromEntries(await composer())).toMatchObject({ workspace: "/srv/garden" });
  });

  test("each persona keeps its own folder, and what is said in a thread is about the folder of its run", async () => {
    const say = async (action: string, text: string, workspace?: string): Promise<string> => {
      const fields = (await composer()).filter(([name]) => name !== "workspace");
      const folder = workspace === undefined ? [] : ([["workspace", workspace]] as const);
      return (await visitor.send(action, [...fields, ...folder, ["text", text]])).url;
    };
    const be = async (persona: string): Promise<void> => {
      const me = formsIn((await visitor.get("/chat/work")).html).find(({ action }) => action === "/me");
      await visitor.send("/me", [...(me?.fields ?? []).filter(([name]) => name !== "persona"), ["persona", persona]]);
    };
    const thread = new URL(await say("/chat/work/say", "/cox run check the house", "/srv/garden")).pathname;
    await say("/chat/work/say", "/cox status", "/srv/shed");
    await say(`${thread}/say`, "/cox run check the house again");
    expect((await here.plane().agent.runs({ limit: 1, offset: 0 })).runs[0]?.workspace).toBe("/srv/garden");
    await be("olga");
    expect(Object.fromEntries(await composer())).toMatchObject({ workspace: "/workspace" });
    await say("/chat/work/say", "/cox status", "/srv/pond");
    await be("ada");
    expect(Object.fromEntries(await composer())).toMatchObject({ workspace: "/srv/shed" });
  });

  test("the same message sent twice is one line and one run", async () => {
    const fields = [...(await composer()), ["text", "/cox run check the house"] as const];
    const [first, second] = await Promise.all([
      visitor.send("/chat/work/say", fields),
      visitor.send("/chat/work/say", fields),
    ]);
    expect(second.url).toBe(first.url);
    expect((await here.plane().agent.runs({ limit: 9, offset: 0 })).total).toBe(1);
    expect((await visitor.get(first.url)).html.match(/class="entry said"/g)).toHaveLength(1);
  });

  test("only files of the run are given out, as downloads or as escaped text", async () => {
    const fields = [...(await composer()), ["text", "/cox run check the house"] as const];
    const runId = new URL((await visitor.send("/chat/work/say", fields)).url).pathname.split("/").at(-1) ?? "";
    const by = { surface: "web", user: "ada" };
    await eventually(async () =>
      expect(
        await here
          .plane()
          .agent.handle({ kind: "decision.answer", id: "a", by, runId, answers: "recommended", args: {} }),
      ).toMatchObject({ kind: "accepted" }),
    );
    await eventually(async () => expect((await here.plane().agent.run(runId))?.summary.status).toBe("completed"));
    const file = (path: string): string => `/runs/${runId}/file?path=${encodeURIComponent(path)}`;
    for (const path of ["../../../etc/passwd", "status.json", "/etc/passwd", "artifacts/../status.json", ""]) {
      expect((await visitor.get(file(path))).status).toBe(404);
    }
    expect(textIn((await visitor.get(file("artifacts/report.md"))).html)).toContain("house");
    const download = await fetch(new URL(`${file("artifacts/report.md")}&download=1`, origin()), {
      headers: { cookie: await signedIn() },
    });
    expect(download.headers.get("content-type")).toBe("application/octet-stream");
    expect(download.headers.get("content-disposition")).toContain("attachment");
  });
});

describe("a plain sentence in a channel", () => {
  const runs = async (): Promise<number> => (await here.plane().agent.runs({ limit: 9, offset: 0 })).total;
  const offered = async (text: string): Promise<ReturnType<typeof formsIn>[number] | undefined> => {
    const { html } = await visitor.send("/chat/work/say", [...(await composer()), ["text", text]]);
    return formsIn(html).find(({ action }) => action === "/chat/work/start");
  };

  test("starts nothing; its button starts one run, however often it is clicked", async () => {
    const form = await offered("please check the house");
    expect(await runs()).toBe(0);
    const first = await visitor.send("/chat/work/start", form?.fields ?? []);
    expect(first.url).toMatch(/\/chat\/work\/run_/);
    expect(textIn(first.html)).toContain("please check the house");
    const second = await visitor.send("/chat/work/start", form?.fields ?? []);
    expect(second.url).toBe(first.url);
    expect(await runs()).toBe(1);
    expect(second.html.match(/class="entry said"/g)).toHaveLength(1);
    const lobby = await visitor.get("/chat/work");
    expect(formsIn(lobby.html).map(({ action }) => action)).not.toContain("/chat/work/start");
    expect(lobby.html).toContain(`<a href="${new URL(first.url).pathname}">To the run</a>`);
  });

  test("keeps the folder that it was said about, and the offer stays after a restart", async () => {
    const fields = (await composer()).filter(([name]) => name !== "workspace");
    const said = [...fields, ["workspace", "/srv/garden"], ["text", "check the house"]] as const;
    await visitor.send("/chat/work/say", said);
    await here.restart();
    await visitor.send("/chat/work/say", [
      ...fields.filter(([name]) => name !== "click"),
      ["click", crypto.randomUUID()],
      ["workspace", "/srv/else"],
      ["text", "what is running?"],
    ]);
    const form = formsIn((await visitor.get("/chat/work")).html).find(({ action }) => action === "/chat/work/start");
    await visitor.send("/chat/work/start", form?.fields ?? []);
    expect((await here.plane().agent.runs({ limit: 1, offset: 0 })).runs[0]?.workspace).toBe("/srv/garden");
  });

  test("of a person who may start nothing is refused with the reason", async () => {
    const form = await offered("check the house");
    const me = formsIn((await visitor.get("/chat/work")).html).find(({ action }) => action === "/me");
    await visitor.send("/me", [...(me?.fields ?? []).filter(([name]) => name !== "persona"), ["persona", "gus"]]);
    expect(textIn((await visitor.send("/chat/work/start", form?.fields ?? [])).html)).toContain("requester");
    expect(await runs()).toBe(0);
  });

  test("an offer that is not there starts nothing", async () => {
    const form = await offered("check the house");
    const fields = [...(form?.fields ?? []).filter(([name]) => name !== "offer"), ["offer", "made-up"] as const];
    expect((await visitor.send("/chat/work/start", fields)).status).toBe(403);
    expect(await runs()).toBe(0);
  });
});

test("the composer completes commands, macros and their arguments, and in a thread the sentences about it", async () => {
  const listed = (html: string): string[] =>
    [...html.matchAll(/<option value="([^"]*)">/g)].map(([, value = ""]) => value);
  const channel = listed((await visitor.get("/chat/work")).html);
  expect(channel).toContain("where is “TODO” in the repository?");
  expect(channel).toContain("/cox run --macro house-check House check");
  expect(channel).toContain("/cox run --macro house-check --arg areas=roof,cellar,summary House check");
  const { html } = await visitor.send("/chat/work/say", [...(await composer()), ["text", channel[3] ?? ""]]);
  expect(listed(html)).toContain("why is it waiting?");
  expect((await here.plane().agent.runs({ limit: 1, offset: 0 })).runs[0]?.macroId ?? "house-check").toBe(
    "house-check",
  );
});

test("that a run cannot be saved stands on its pages and in what it answers, until it is saved", async () => {
  await here.close();
  const disk = createFaultyDisk();
  here = await aConsole({ disk });
  visitor = await aVisitor(here.url);
  const going = Promise.withResolvers<void>();
  const { runtime, clock } = here.plane();
  for (const lane of ["roof", "cellar"]) {
    runtime.script(lane, async (order) => {
      await going.promise;
      return goodResultFor(order);
    });
  }
  const { agent } = here.plane();
  const task = aTask({ answers: "recommended", bindings: [{ surface: "web", channel: "work", role: "home" }] });
  const reply = await agent.handle(Command.parse({ kind: "run.start", id: "full", by: task.requestedBy, task }));
  if (reply.kind !== "accepted") throw new Error(reply.message);
  const pages = [`/chat/work/${reply.runId}`, `/runs/${reply.runId}`];
  const told = async (): Promise<boolean[]> => {
    const shown = await Promise.all(pages.map((path) => visitor.get(path)));
    // What cannot go on is not said to be at work.
    return shown.map(
      ({ html }) => /id="trouble".*ENOSPC.*Make room/.test(html) && /held up/.test(html) && !/badge active/.test(html),
    );
  };
  await eventually(() => expect(runtime.orders).toHaveLength(2));
  expect(await told()).toEqual([false, false]);
  disk.failing = "sync";
  going.resolve();
  await eventually(async () => expect(await told()).toEqual([true, true]));
  disk.failing = undefined;
  await eventually(async () => {
    clock.advance(60_000);
    expect((await agent.run(reply.runId))?.summary.status).toBe("completed");
  });
  expect(await told()).toEqual([false, false]);
});

test("a search that is too long finds nothing, and says so", async () => {
  await visitor.send("/chat/work/say", [...(await composer()), ["text", "/cox run check the house"]]);
  const { html } = await visitor.get(`/runs?search=${"x".repeat(201)}`);
  expect(textIn(html)).toContain("at most 200 characters, and this one has 201");
  expect(html).not.toContain("/runs/run_");
});

test("the queue says its order in words", async () => {
  const text = textIn((await visitor.get("/queue")).html);
  expect(text).toContain("fair shares by weight");
  expect(text).not.toContain("weighted-fair");
});

test("packets are shown only where a trace is asked for", async () => {
  const fields = [...(await composer()), ["text", "/cox run check the house"] as const];
  const runId = new URL((await visitor.send("/chat/work/say", fields)).url).pathname.split("/").at(-1) ?? "";
  await eventually(async () => expect((await here.plane().agent.run(runId))?.summary.status).toBe("waiting"));
  expect((await visitor.get(`/runs/${runId}`)).html).not.toContain("intentGatePacket");
  expect((await visitor.get(`/runs/${runId}?trace=1`)).html).toContain("intentGatePacket");
});

test("how busy the bot was is shown as charts with their figures in words", async () => {
  await here.plane().agent.accepted(here.plane().agent.enqueueTask(aTask()));
  await eventually(async () => {
    here.plane().clock.advance(60_000, "asleep");
    expect(here.plane().agent.telemetry().at(-1)?.waiting).toBe(1);
  });
  const { html } = await visitor.get("/load");
  expect(html.match(/<svg /g)).toHaveLength(4);
  expect(textIn(html)).toMatch(/Runs that wait for people\s+Now 1, at most 1\./);
  expect(textIn(html)).toMatch(/Dead letters\s+Now 0, at most 0\./);
});

test("a port that is taken is passed over for the next free one", async () => {
  const blocker = createServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  const address = blocker.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const stateRoot = await mkdtemp(join(tmpdir(), "coxswain-console-"));
  const console_ = createConsole({ stateRoot, clock: createFakeClock(), log: createLog("silent") });
  const { agent } = here.plane();
  const server = await console_.serve({
    door: agent,
    query: agent,
    files: { readArtifact: async () => undefined },
    catalog: { macros: [], agents: [] },
    previews: [],
    settings: [],
    telemetry: () => [],
    refusalOf: () => undefined,
    auditOf: async () => undefined,
    personas: [{ id: "ada", name: "Ada", roles: [] }],
    language: undefined,
    workspace: "/",
    version: "0",
    host: "127.0.0.1",
    port,
  });
  expect(Number(new URL(server.url).port)).toBeGreaterThan(port);
  await server.stop();
  blocker.close();
  await rm(stateRoot, { recursive: true });
});

test("operators act on the queue on its page, once a click, and are told what holds; others are told why not", async () => {
  const forms = async () => formsIn((await visitor.get("/queue")).html).filter(({ action }) => action === "/queue/act");
  const [drain] = await forms();
  if (drain === undefined) throw new Error("no form");
  const click = [...drain.fields, ["verb", "drain"] as const];
  const be = async (persona: string): Promise<void> => {
    const me = formsIn((await visitor.get("/queue")).html).find(({ action }) => action === "/me");
    await visitor.send("/me", [...(me?.fields ?? []).filter(([name]) => name !== "persona"), ["persona", persona]]);
  };
  await be("gus");
  await visitor.send("/queue/act", click);
  expect((await here.plane().agent.queue()).drainingSince).toBeNull();
  expect((await visitor.get("/queue")).html).toContain("may-not");
  await be("olga");
  const fresh = [...((await forms())[0]?.fields ?? []), ["verb", "drain"] as const];
  const told = await visitor.send("/queue/act", fresh);
  expect(told.html.match(/id="note"/g)).toHaveLength(1);
  await visitor.send("/queue/act", fresh);
  expect((await here.plane().agent.queue()).drainingSince).not.toBeNull();
  const { html } = await visitor.get("/queue");
  expect(html).not.toContain("may-not");
  expect(textIn(html)).toContain("nothing new starts");
});
