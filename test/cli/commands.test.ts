import { expect, test } from "vitest";
import type { Card } from "../../src/contracts/card.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { Macro } from "../../src/contracts/macro.ts";
import { createFakeSession } from "../fakes/fake-session.ts";
import { createFakeWorld } from "../fakes/fake-world.ts";
import { RUN_ID, viewAt, waitingView } from "../fakes/run-views.ts";
import { eventually } from "../fixtures/eventually.ts";

const UNKNOWN = "run_nobodyknows";

test.each([
  ["no command at all", [], "Usage"],
  ["an unknown command", ["rnu", "x"], "no command rnu"],
  ["an unknown option", ["status", "--jsno"], "Did you mean --json?"],
  ["a missing argument", ["cancel"], "runId is missing"],
  ["a missing value", ["status", "--profile"], "needs a value"],
  ["a discard without reason", ["dead-letters", "discard", RUN_ID], "--reason"],
  ["a goal without quotes", ["run", "check", "this"], "quotes"],
  ["a group without its command", ["dead-letters"], "inspect"],
  ["an empty goal", ["run", " "], "Say what is to be done"],
  ["a goal beyond the limit", ["run", "x".repeat(4001)], "4000"],
  ["a priority beyond the limit", ["run", "x", "--priority", "9"], "priority"],
  ["a macro that is not there", ["run", "x", "--macro", "nope"], "There is no macro nope"],
  ["a profile that is no name", ["status", "--profile", "../x"], "--profile"],
  ["a configuration file that is not there", ["status", "--config", "x.yaml"], "x.yaml"],
])("%s ends with 2 and says what to do", async (_title, argv, message) => {
  const world = createFakeWorld(argv);
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain(message);
  expect(world.opened).toEqual([]);
});

test.each([["status"], ["cancel"], ["resume"]])(
  "%s of a run that was put aside says so, where and why",
  async (command) => {
    const world = createFakeWorld([command, UNKNOWN]);
    world.session.setAside({ name: UNKNOWN, folder: "/state/quarantine/it-1", reason: "It is not JSON." });
    await expect(runCli(world)).resolves.toBe(2);
    expect(world.written.err).toContain("it was put aside in /state/quarantine/it-1. It is not JSON.");
    expect(world.written.err).not.toContain("There is no run");
  },
);

test.each([["status"], ["answer"], ["cancel"], ["resume"], ["export"]])(
  "%s of a run that nobody knows ends with 2",
  async (command) => {
    const world = createFakeWorld([command, UNKNOWN]);
    await expect(runCli(world)).resolves.toBe(2);
    expect(world.written.err).toContain(`There is no run ${UNKNOWN}`);
    expect(world.session.closed).toBe(true);
  },
);

test.each([
  [["--help"], "run [options] <goal>"],
  [["run", "--help"], "--answers <recommended|ask|file.json>"],
  [["dead-letters", "retry", "--help"], "--state-root <dir>"],
  [["run", "--help", "--language", "zh-CN"], "用法："],
  [["--version"], "0.1.0"],
])("%j is answered with 0", async (argv, text) => {
  const world = createFakeWorld(argv);
  await expect(runCli(world)).resolves.toBe(0);
  expect(world.written.out).toContain(text);
  expect(world.written.err).toBe("");
});

const MACRO = Macro.parse({
  id: "repository-health",
  title: { en: "Health" },
  description: { en: "Health" },
  type: "C",
  path: "regulated_path",
  risk: "low",
  triggers: { phrases: ["health"] },
  args: {
    days: { type: "integer", title: { en: "Days" }, default: 90, min: 1, max: 365 },
    deep: { type: "boolean", title: { en: "Deep" }, default: false },
    lanes: { type: "lanes", title: { en: "Lanes" }, default: ["history"] },
    mode: { type: "choice", title: { en: "Mode" }, default: "a", choices: ["a", "b"] },
    note: { type: "string", title: { en: "Note" }, default: "" },
  },
  lanes: [
    {
      id: "history",
      title: { en: "History" },
      role: "data",
      need: "read the history",
      keywords: ["history"],
      verify: [{ id: "ended", kind: "exit_code" }],
      timeLimitMs: 1000,
    },
  ],
});

test("arguments get the types that the macro defines", async () => {
  const args = ["days=30", "deep=true", "lanes=history, size", "mode=b", "note=a=b"].flatMap((arg) => ["--arg", arg]);
  const world = createFakeWorld(["run", "x", "--macro", "repository-health", ...args], { macros: [MACRO] });
  world.session.show(viewAt("evolution", "completed"));
  await expect(runCli(world)).resolves.toBe(0);
  expect(world.session.commands[0]).toMatchObject({
    task: {
      macro: "repository-health",
      args: { days: 30, deep: true, lanes: ["history", "size"], mode: "b", note: "a=b" },
    },
  });
});

test.each([
  ["days=many", "a whole number"],
  ["days=0", "from 1 to 365"],
  ["deep=yes", "true, false"],
  ["mode=c", "a, b"],
  ["dyas=3", "days, deep, lanes, mode, note"],
  ["days", "key=value"],
])("--arg %s ends with 2 and names what was expected", async (pair, expected) => {
  const world = createFakeWorld(["run", "x", "--macro", "repository-health", "--arg", pair], { macros: [MACRO] });
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain(expected);
});

test.each([
  ["nobody works on", { owner: true }, "Parked: nobody works on it", "Waits to be resumed"],
  ["the bot works on", { owner: false, worksOn: true }, "Looking at the workspace", "nothing"],
])("status of a run that %s says what happens now", async (_title, session, now, blocked) => {
  const world = createFakeWorld(["status", RUN_ID], { session: createFakeSession(session) });
  const { notice, ...view } = viewAt("fetch", "active");
  const lines = [
    { key: "current" as const, label: "Now", value: "Looking at the workspace" },
    { key: "blocked" as const, label: "Blocked by", value: "nothing" },
  ];
  const worker = { laneId: "size", name: "Size", state: "running" as const, stateLabel: "working", detail: "" };
  world.session.show({ ...view, notice: { ...notice, lines, workers: [worker] } });
  const shown: Card[] = [];
  const terminal = { ...world.terminal, renderCard: (card: Card) => String(shown.push(card)) };
  await expect(runCli({ ...world, terminal })).resolves.toBe(0);
  expect(shown).toMatchObject([
    { lines: [{ value: now }, { value: blocked }], workers: [{ state: session.owner ? "waiting" : "running" }] },
  ]);
});

test("status lists the newest runs, or shows the notice of one", async () => {
  const listing = createFakeWorld(["status"]);
  listing.session.show(waitingView());
  await expect(runCli(listing)).resolves.toBe(0);
  expect(listing.written.out).toMatch(/run_4k2m9x7q1b {2}waiting for an answer {2}Thinking {2}.* {2}check the health/);

  const one = createFakeWorld(["status", RUN_ID, "--json"]);
  one.session.show(waitingView());
  await expect(runCli(one)).resolves.toBe(0);
  expect(one.lines()).toMatchObject([{ type: "run.status", runId: RUN_ID, percent: 38, status: "waiting" }]);
});

test("what somebody wrote as a goal moves no cursor in the list", async () => {
  const world = createFakeWorld(["status"]);
  const view = waitingView();
  world.session.show({ ...view, summary: { ...view.summary, goal: "clean\u001b[2J\u0007 up\u202e" } });
  await expect(runCli(world)).resolves.toBe(0);
  expect(world.written.out).toContain("clean");
  for (const control of ["\u0007", "\u001b", "\u202e"]) expect(world.written.out).not.toContain(control);
});

test("status, queue and export move nothing", async () => {
  for (const argv of [["status"], ["status", RUN_ID], ["queue"], ["export", RUN_ID], ["dead-letters", "list"]]) {
    const world = createFakeWorld(argv);
    world.session.show(waitingView());
    await expect(runCli(world)).resolves.toBe(0);
    expect(world.session.followed).toEqual([]);
    expect(world.session.commands).toEqual([]);
  }
});

test("an answer to a run that does not wait ends with 2 and says how it stands", async () => {
  const world = createFakeWorld(["answer", RUN_ID, "--answers", "recommended"]);
  world.session.show(viewAt("evolution", "completed"));
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain("it is completed");
});

test("answer with recommended answers the open card only; the next one waits for a person", async () => {
  const world = createFakeWorld(["answer", RUN_ID, "--answers", "recommended", "--json"]);
  world.session.show(waitingView());
  const ended = runCli(world);
  await eventually(() => expect(world.session.commands).toHaveLength(1));
  expect(world.session.commands[0]).toMatchObject({ kind: "decision.answer", answers: "recommended" });
  world.session.show({ ...waitingView({ decisionId: "dec_4k2m9x7q1b_2" }), version: 9 });
  await expect(ended).resolves.toBe(3);
});

test("a dead letter is listed, inspected, retried and discarded", async () => {
  const { summary, ...view } = viewAt("execution", "dead_letter");
  const dead = { ...view, summary: { ...summary, failureCode: "worker.exit" } };
  const call = (...argv: string[]) => {
    const world = createFakeWorld(["dead-letters", ...argv, "--json"]);
    world.session.show(dead);
    return world;
  };
  const list = call("list");
  await expect(runCli(list)).resolves.toBe(0);
  expect(list.lines()).toMatchObject([{ type: "dead_letter", runId: RUN_ID, stage: "execution", code: "worker.exit" }]);

  const inspect = call("inspect", RUN_ID);
  await expect(runCli(inspect)).resolves.toBe(0);
  expect(inspect.lines()).toMatchObject([{ type: "dead_letter", runId: RUN_ID, artifacts: [] }]);

  const discard = call("discard", RUN_ID, "--reason", "not needed");
  await expect(runCli(discard)).resolves.toBe(0);
  expect(discard.session.commands).toMatchObject([{ kind: "dead_letter.discard", reason: "not needed" }]);

  const retry = call("retry", RUN_ID);
  retry.session.reply(() => ({ kind: "accepted", runId: RUN_ID, version: 100 }));
  const ended = runCli(retry);
  await eventually(() => expect(retry.session.followed).toEqual([RUN_ID]));
  retry.session.show({ ...viewAt("evolution", "completed"), version: 101 });
  // The dead letter that is shown first is older than the retry, and must not end the call.
  await expect(ended).resolves.toBe(0);
});

test("a retry takes other arguments for one run, or all of a kind, and never both", async () => {
  const world = createFakeWorld(["dead-letters", "retry", "--code", "worker.exit", "--json"]);
  const { summary, ...view } = viewAt("execution", "dead_letter");
  world.session.show({ ...view, summary: { ...summary, failureCode: "worker.exit" } });
  await expect(runCli(world)).resolves.toBe(0);
  expect(world.session.commands).toMatchObject([{ kind: "dead_letter.retry", runId: RUN_ID }]);
  expect(world.lines()).toEqual([{ type: "dead_letters.retried", retried: [RUN_ID], refused: [] }]);

  for (const argv of [[], [RUN_ID, "--macro", "x"], ["--macro", "x", "--arg", "days=3"]]) {
    const wrong = createFakeWorld(["dead-letters", "retry", ...argv]);
    await expect(runCli(wrong)).resolves.toBe(2);
    expect(wrong.session.commands).toEqual([]);
  }
});

test("what is no dead letter is not retried", async () => {
  const world = createFakeWorld(["dead-letters", "retry", RUN_ID]);
  world.session.show(viewAt("fetch", "active"));
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.session.commands).toEqual([]);
});

test("a refusal ends with 1 and an internal failure too, each with its words", async () => {
  const refused = createFakeWorld(["cancel", RUN_ID, "--json"]);
  refused.session.show(viewAt("fetch", "active"));
  refused.session.reply(() => ({ kind: "refused", code: "run.finished", message: "it has ended" }));
  await expect(runCli(refused)).resolves.toBe(1);
  expect(refused.lines()).toEqual([{ type: "error", code: "run.finished", message: "it has ended" }]);
});

test("doctor ends with 1 when something fails, and says what to mend", async () => {
  const world = createFakeWorld(["doctor"]);
  await expect(runCli(world)).resolves.toBe(1);
  expect(world.written.out).toContain("install git");
});

test("config check shows each setting with its source, and ends with 2 when there is a problem", async () => {
  const valid = createFakeWorld(["config", "check"], { environment: { COXSWAIN_SLOTS: "3" } });
  await expect(runCli(valid)).resolves.toBe(0);
  expect(valid.written.out).toContain("slots = 3  (COXSWAIN_SLOTS)");
  expect(valid.written.out).toContain("The configuration is valid.");

  const wrong = createFakeWorld(["config", "check", "--json"], {
    files: { "/srv/bot/coxswain.yaml": "slots: some\n" },
  });
  await expect(runCli(wrong)).resolves.toBe(2);
  expect(wrong.lines().at(-1)).toMatchObject({ type: "config.checked", valid: false });
  expect(wrong.written.err).toContain("/srv/bot/coxswain.yaml:1:8");
});

test("the state root of the flag is the one that is opened, below the folder of the person", async () => {
  const environment = { INIT_CWD: "/home/alice" };
  const world = createFakeWorld(["queue", "--state-root", "state"], { environment });
  await runCli(world);
  expect(world.opened).toMatchObject([{ stateRoot: "/home/alice/state" }]);
});

test("discord invite prints the link, and without a token says where to put it", async () => {
  const world = createFakeWorld(["discord", "invite"]);
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain("COXSWAIN_DISCORD_TOKEN");
  const invite = async (): Promise<string> => "https://discord.com/oauth2/authorize?x";
  world.discord = async () => ({ invite, register: async () => [] });
  await expect(runCli(world)).resolves.toBe(0);
  expect(world.written.out).toContain("https://discord.com/oauth2/authorize");
});

test.each(["invite", "commands"])("discord %s without network says what to check, and ends with 1", async (command) => {
  const world = createFakeWorld(["discord", command]);
  const lost = async (): Promise<never> => {
    throw Object.assign(new Error("getaddrinfo ENOTFOUND discord.com"), { code: "ENOTFOUND" });
  };
  world.discord = async () => ({ invite: lost, register: lost });
  await expect(runCli(world)).resolves.toBe(1);
  expect(world.written.err).toContain("Discord could not be reached (getaddrinfo ENOTFOUND discord.com). Check");
});

test("discord commands says what it has registered, or that nothing differed", async () => {
  const world = createFakeWorld(["discord", "commands"]);
  const answers = [["cox"], []];
  world.discord = async () => ({ invite: async () => "", register: async () => answers.shift() ?? [] });
  await expect(runCli(world)).resolves.toBe(0);
  expect(world.written.out).toContain("Registered: cox");
  await expect(runCli(world)).resolves.toBe(0);
  expect(world.written.out).toContain("nothing was written");
});

test.each([
  [["status"], 0],
  [["status", RUN_ID], 2],
  [["export", RUN_ID], 2],
  [["dead-letters", "list"], 0],
  [["dead-letters", "inspect", RUN_ID], 2],
])("looking into a state folder that is not there (%j) makes none", async (argv, exit) => {
  const world = createFakeWorld([...argv, "--state-root", "/typo/x"], { missing: "/typo/x" });
  await expect(runCli(world)).resolves.toBe(exit);
  expect(world.written.out + world.written.err).toContain("There is no state folder /typo/x");
  expect(world.opened).toEqual([]);
});

test.each<[string, Parameters<typeof createFakeWorld>[1], string]>([
  [
    "a token that can be guessed",
    { environment: { COXSWAIN_API_TOKEN: "short" } },
    "COXSWAIN_API_TOKEN: a token of at",
  ],
  [
    "a folder of macros that is not there",
    { environment: { COXSWAIN_CONFIG_FOLDERS: '["/nowhere"]' }, missing: "/nowhere" },
    "COXSWAIN_CONFIG_FOLDERS: configFolders: /nowhere is no folder",
  ],
])("config check names %s", async (_title, options, problem) => {
  const world = createFakeWorld(["config", "check"], options);
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain(problem);
});
