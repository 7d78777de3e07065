import { expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import type { Finding } from "../../src/contracts/finding.ts";
import type { Command } from "../../src/contracts/command.ts";
import { createFakeSession } from "../fakes/fake-session.ts";
import { createFakeWorld } from "../fakes/fake-world.ts";
import { DECISION_ID, RUN_ID, viewAt, waitingView } from "../fakes/run-views.ts";
import { eventually } from "../fixtures/eventually.ts";

const GOAL = "check the health of this repository";

function startOf(commands: readonly Command[]): Extract<Command, { kind: "run.start" }> {
  const [first] = commands;
  if (first?.kind !== "run.start") throw new Error("no run was started");
  return first;
}

test("a run that completes ends with 0 and its last JSON line says what was found", async () => {
  const world = createFakeWorld(["run", GOAL, "--json", "--answers", "recommended"]);
  world.session.show(viewAt("fetch", "active"));
  const ended = runCli(world);
  await eventually(() => expect(world.lines()).toHaveLength(2));
  const finding: Finding = {
    id: "f1",
    laneId: "size",
    code: "size.big",
    severity: "low",
    text: { kind: "raw", raw: "a big file" },
    evidence: [{ kind: "measure", name: "size", value: 9, unit: "MB" }],
  };
  world.session.show(viewAt("evolution", "completed", { findings: [finding] }));
  await expect(ended).resolves.toBe(0);
  expect(world.lines().map((line) => line["type"])).toEqual(["run.started", "run.notice", "run.notice", "run.ended"]);
  expect(world.lines().at(1)).toMatchObject({ runId: RUN_ID, currentStageKey: "fetch", percent: 25 });
  expect(world.lines().at(-1)).toMatchObject({
    runId: RUN_ID,
    status: "completed",
    artifacts: [],
    findings: [{ id: "f1", text: "a big file" }],
  });
  expect(startOf(world.session.commands).task.answers).toBe("recommended");
  expect(world.session.followed).toEqual([RUN_ID]);
  expect(world.session.closed).toBe(true);
  expect(world.written.err).toBe("");
});

test.each([
  ["blocked", 4],
  ["reservations", 0],
  ["ready", 0],
] as const)("a completed run whose verdict is %s ends with %d", async (kind, exit) => {
  const text = { kind: "raw", raw: `It is ${kind}.` } as const;
  const points = [{ treatment: "blocker" as const, laneId: "tree", text: { kind: "raw" as const, raw: "open files" } }];
  const world = createFakeWorld(["run", GOAL, "--json", "--answers", "recommended"]);
  world.session.show(viewAt("evolution", "completed", { verdict: { kind, text, points } }));
  await expect(runCli(world)).resolves.toBe(exit);
  expect(world.lines().at(-1)).toMatchObject({
    status: "completed",
    verdict: { kind, text: `It is ${kind}.`, points: [{ treatment: "blocker", text: "open files" }] },
  });
});

test.each(["dead_letter", "canceled", "discarded", "refused"] as const)(
  "a run that is %s ends with 1",
  async (status) => {
    const world = createFakeWorld(["run", GOAL, "--json"]);
    world.session.show(viewAt("execution", status));
    await expect(runCli(world)).resolves.toBe(1);
    expect(world.lines().at(-1)).toMatchObject({ type: "run.ended", status });
  },
);

test("without a terminal and without answers the card comes exactly once, as the last line, and the exit is 3", async () => {
  const world = createFakeWorld(["run", GOAL, "--json"]);
  world.session.show(waitingView());
  await expect(runCli(world)).resolves.toBe(3);
  const waiting = world.lines().filter((line) => line["type"] === "run.waiting");
  expect(waiting).toHaveLength(1);
  expect(world.lines().at(-1)).toEqual(waiting[0]);
  expect(waiting[0]).toMatchObject({
    runId: RUN_ID,
    card: {
      decisionId: DECISION_ID,
      questions: [
        { id: "scope", options: [{ id: "full", recommended: true, label: "Option full" }, { id: "quick" }, {}] },
        { id: "style" },
      ],
      args: [{ id: "days", value: 90 }],
    },
  });
  expect(world.session.commands).toHaveLength(1);
});

test("for people the card is text, once, with the command that answers it", async () => {
  const world = createFakeWorld(["run", GOAL]);
  world.session.show(waitingView());
  await expect(runCli(world)).resolves.toBe(3);
  expect(world.written.out.split("<decision card>")).toHaveLength(2);
  expect(world.written.out).toContain(`coxswain answer ${RUN_ID} --answers answers.json`);
});

test("what the person can type next is called as this call was, on the same state", async () => {
  const environment = { npm_lifecycle_event: "coxswain" };
  const world = createFakeWorld(["run", GOAL, "--state-root", "/tmp/my state"], { environment });
  world.session.show(waitingView());
  await runCli(world);
  expect(world.written.out).toContain(
    `npm run -s coxswain -- answer ${RUN_ID} --answers answers.json --state-root '/tmp/my state'`,
  );
});

test("a workspace that is not there is found out before anything is started", async () => {
  const world = createFakeWorld(["run", GOAL, "--workspace", "/nowhere"], { missing: "/nowhere" });
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain("/nowhere is no folder");
  expect(world.opened).toEqual([]);
});

test("a bare repository is found out before anything is started, as other wrong folders are", async () => {
  const world = createFakeWorld(["run", GOAL, "--workspace", "/srv/bare.git"], { bare: "/srv/bare.git" });
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain("/srv/bare.git is a bare repository");
  expect(world.opened).toEqual([]);
});

test("an answers file may begin with a byte order mark", async () => {
  const files = { "/a.json": `\uFEFF${JSON.stringify({ scope: "quick" })}` };
  const world = createFakeWorld(["answer", RUN_ID, "--answers", "/a.json"], { files });
  world.session.show(waitingView());
  const ended = runCli(world);
  await eventually(() => expect(world.session.commands).toMatchObject([{ answers: { scope: "quick" } }]));
  world.session.show(viewAt("evolution", "completed"));
  await expect(ended).resolves.toBe(0);
});

test("what is said about a run is said in its language", async () => {
  const world = createFakeWorld(["run", GOAL], { environment: { LANG: "en_US.UTF-8" } });
  const view = waitingView();
  world.session.show({ ...view, envelope: { ...view.envelope, resolvedOutputLanguage: "zh-CN" } });
  await expect(runCli(world)).resolves.toBe(3);
  expect(world.written.out).toContain("答案");
  expect(world.written.out).not.toContain("nothing is lost");
});

test("an answers file answers the card when it opens, and the run goes on", async () => {
  const files = { "/home/alice/a.json": JSON.stringify({ answers: { scope: "quick" }, args: { days: 30 } }) };
  const environment = { INIT_CWD: "/home/alice" };
  const world = createFakeWorld(["run", GOAL, "--json", "--answers", "a.json"], { files, environment });
  world.session.show(waitingView());
  const ended = runCli(world);
  await eventually(() => expect(world.session.commands).toHaveLength(2));
  expect(world.session.commands[1]).toMatchObject({
    kind: "decision.answer",
    decisionId: DECISION_ID,
    answers: { scope: "quick" },
    args: { days: 30 },
  });
  world.session.show({ ...waitingView(), version: 9 });
  world.session.show(viewAt("evolution", "completed"));
  await expect(ended).resolves.toBe(0);
  expect(world.session.commands).toHaveLength(2);
});

test.each<[string[], boolean | undefined]>([
  [["run", GOAL, "--answers", "recommended"], true],
  [["answer", RUN_ID, "--answers", "recommended"], undefined],
])("%j says whether it was said before there was a card", async (argv, inAdvance) => {
  const world = createFakeWorld(argv);
  world.session.show(waitingView());
  const ended = runCli(world);
  await eventually(() => expect(world.session.commands.at(-1)).toMatchObject({ kind: "decision.answer" }));
  expect(world.session.commands.at(-1)).toHaveProperty("answers", "recommended");
  expect(Reflect.get(world.session.commands.at(-1) ?? {}, "inAdvance")).toBe(inAdvance);
  world.session.show(viewAt("evolution", "completed"));
  await expect(ended).resolves.toBe(0);
});

const PERMISSION_ID = "dec_4k2m9x7q1b_7";

function reopened(decisionId: string): ReturnType<typeof waitingView> {
  const view = waitingView();
  const { decision } = view;
  if (decision === null) throw new Error("nothing waits");
  return { ...view, version: 9, decision: { ...decision, decisionId } };
}

test.each([
  ["a file", "/a.json"],
  ["what is recommended", "recommended"],
])("%s answers a card once: after an undo a person is asked", async (_title, answers) => {
  const files = { "/a.json": JSON.stringify({ scope: "quick" }) };
  const world = createFakeWorld(["answer", RUN_ID, "--json", "--answers", answers], { files });
  world.session.show(waitingView());
  const ended = runCli(world);
  await eventually(() => expect(world.session.commands).toHaveLength(1));
  world.session.show(reopened(PERMISSION_ID));
  await expect(ended).resolves.toBe(3);
  expect(world.session.commands).toHaveLength(1);
  expect(world.lines().at(-1)).toMatchObject({ type: "run.waiting", card: { decisionId: PERMISSION_ID } });
});

test("a second card that asks in the same words something else waits, and the file is not blamed for it", async () => {
  const files = { "/a.json": JSON.stringify({ scope: "quick" }) };
  const world = createFakeWorld(["answer", RUN_ID, "--answers", "/a.json"], { files });
  world.session.show(waitingView());
  const ended = runCli(world);
  await eventually(() => expect(world.session.commands).toHaveLength(1));
  const second = reopened(PERMISSION_ID);
  const questions = second.decision?.questions.map((asked) => ({
    ...asked,
    options: asked.options.filter(({ id }) => id !== "quick"),
  }));
  world.session.show({ ...second, decision: second.decision && { ...second.decision, questions: questions ?? [] } });
  await expect(ended).resolves.toBe(3);
  expect(world.written.out).toContain("<decision card>");
  expect(world.written.err).toBe("");
});

test.each([
  ["is no JSON", "{scope", "expected to be JSON"],
  ["names no option", '{"scope":"gigantic"}', '"gigantic" is no option. Expected one of: full, quick'],
  ["chooses what is rejected", '{"scope":"impossible"}', "there is no test command"],
  ["leaves a question out", '{"scope":"full"}', "style: no answer came. Expected one of: parallel, sequential"],
  ["holds something else", '{"scope":7}', "expected string"],
])("an answers file that %s ends with 2 and answers nothing", async (_title, text, message) => {
  const world = createFakeWorld(["answer", RUN_ID, "--json", "--answers", "/a.json"], { files: { "/a.json": text } });
  world.session.show(waitingView());
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain(message);
  expect(world.lines().at(-1)).toMatchObject({ type: "error" });
  expect(world.session.commands).toEqual([]);
});

test.each([
  ["no goal", ["run", "  "], "请说明要做什么"],
  ["a goal that is too long", ["run", "a".repeat(4001)], "4000"],
  ["a priority that there is not", ["run", GOAL, "--priority", "99"], "99"],
  ["a blank reason", ["dead-letters", "discard", RUN_ID, "--reason", "  "], "请用不超过"],
])("%s is refused in the person's words, and nothing is started", async (_, argv, said) => {
  const world = createFakeWorld([...argv, "--language", "zh-CN"]);
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain(said);
  expect(world.written.err).not.toContain("✖");
  expect(world.session.commands).toEqual([]);
});

test("a missing answers file is found out before anything is started", async () => {
  const world = createFakeWorld(["run", GOAL, "--answers", "nowhere.json"]);
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.opened).toEqual([]);
});

test("on a terminal the person is asked, and leaving the questions parks the run", async () => {
  const answers = { scope: "quick" };
  const answering = createFakeWorld(["run", GOAL], { isTerminal: true, prompt: () => ({ answers, args: {} }) });
  answering.session.show(waitingView());
  const ended = runCli(answering);
  await eventually(() => expect(answering.session.commands).toHaveLength(2));
  answering.session.show(viewAt("evolution", "completed"));
  await expect(ended).resolves.toBe(0);
  expect(answering.prompted).toEqual([DECISION_ID]);

  const leaving = createFakeWorld(["run", GOAL], { isTerminal: true, prompt: () => undefined });
  leaving.session.show(waitingView());
  await expect(runCli(leaving)).resolves.toBe(130);
  expect(leaving.written.out).toContain(`coxswain resume ${RUN_ID}`);
});

test("an answer that is refused is asked for again, with what was chosen before", async () => {
  const asked: unknown[] = [];
  const first = { answers: { scope: "waive" }, args: {} };
  const mended = { answers: { scope: "waive" }, args: { reason: "asked the owner" } };
  const world = createFakeWorld(["run", GOAL], {
    isTerminal: true,
    prompt: (refused) => {
      asked.push(refused);
      return refused === undefined ? first : mended;
    },
  });
  world.session.reply((command) =>
    command.kind === "decision.answer" && command.args?.["reason"] === undefined
      ? { kind: "refused", code: "policy.reason_missing", message: "A waiver needs a reason." }
      : { kind: "accepted", runId: RUN_ID, version: 1 },
  );
  world.session.show(waitingView());
  const ended = runCli(world);
  await eventually(() => expect(world.session.commands).toHaveLength(3));
  world.session.show(viewAt("evolution", "completed"));
  await expect(ended).resolves.toBe(0);
  expect(asked).toEqual([undefined, first]);
  expect(world.written.err).toContain("A waiver needs a reason.");
});

test.each([
  [true, "parked"],
  [false, "The bot goes on"],
])("an interrupt ends with 130, closes the session, and says how to continue (owner: %s)", async (owner, words) => {
  const world = createFakeWorld(["run", GOAL], { session: createFakeSession({ owner }) });
  world.session.show(viewAt("execution", "active"));
  const ended = runCli(world);
  await eventually(() => expect(world.written.out).toContain("Execution"));
  world.interrupt();
  await expect(ended).resolves.toBe(130);
  expect(world.written.out).toContain(words);
  expect(world.written.out).toContain(`coxswain resume ${RUN_ID}`);
  expect(world.session.closed).toBe(true);
  expect(world.session.watchers).toBe(0);
});

test("a bot that goes away parks the run as well", async () => {
  const world = createFakeWorld(["run", GOAL, "--json"], { bot: true });
  world.session.show(viewAt("execution", "active"));
  const ended = runCli(world);
  await eventually(() => expect(world.session.watchers).toBe(1));
  world.session.lose(new Error("The bot (process 7) no longer answers."));
  await expect(ended).resolves.toBe(130);
  expect(world.written.err).toContain("no longer answers");
  expect(world.lines().at(-1)).toMatchObject({ type: "run.interrupted", resume: `coxswain resume ${RUN_ID}` });
});

test("a run that another terminal program took in, and does not work on, is parked", async () => {
  const world = createFakeWorld(["run", GOAL, "--json"], {
    session: createFakeSession({ owner: false, worksOn: false }),
  });
  await expect(runCli(world)).resolves.toBe(130);
  expect(world.lines().at(-1)).toMatchObject({ type: "run.interrupted", parked: true });
  expect(world.written.err).toContain("npm start");
});

test("progress of workers is a JSON line of its own", async () => {
  const world = createFakeWorld(["run", GOAL, "--json"]);
  world.session.show(viewAt("execution", "active"));
  const ended = runCli(world);
  await eventually(() => expect(world.session.watchers).toBe(1));
  const progress = { runId: RUN_ID, dispatchId: "dsp_4k2m9x7q1b_4", laneId: "history", done: 1, total: 2, text: null };
  world.session.tell({ kind: "progress", ...progress });
  world.session.show(viewAt("evolution", "completed"));
  await expect(ended).resolves.toBe(0);
  expect(world.lines()).toContainEqual({
    type: "run.progress",
    runId: RUN_ID,
    laneId: "history",
    done: 1,
    total: 2,
    text: null,
  });
});

test("the workspace is the folder where the person stands, unless another is named", async () => {
  const environment = { INIT_CWD: "/home/alice/shop", LANG: "zh_CN.UTF-8" };
  const standing = createFakeWorld(["run", GOAL], { environment });
  standing.session.show(viewAt("evolution", "completed"));
  await runCli(standing);
  expect(startOf(standing.session.commands).task).toMatchObject({
    workspace: "/home/alice/shop",
    environmentLanguage: "zh-CN",
    requestedBy: { surface: "terminal", user: "alice" },
    answers: "ask",
  });
  const named = createFakeWorld(["run", GOAL, "--workspace", "../lib", "--language", "en", "--priority", "2"], {
    environment,
  });
  named.session.show(viewAt("evolution", "completed"));
  await runCli(named);
  expect(startOf(named.session.commands).task).toMatchObject({
    workspace: "/home/alice/lib",
    language: "en",
    priority: 2,
  });
});

test("a refused start ends with 1 and the words of the refusal", async () => {
  const world = createFakeWorld(["run", GOAL]);
  world.session.reply(() => ({ kind: "refused", code: "run.too_many", message: "too many runs wait" }));
  await expect(runCli(world)).resolves.toBe(1);
  expect(world.written.err).toContain("too many runs wait");
});

test.each([
  [["run", GOAL], 2],
  [["answer", RUN_ID, "--answers", "recommended"], 2],
  [["status", RUN_ID], 0],
])("inside a worker %j ends with %i: what is moved there could go on without end", async (argv, exit) => {
  const world = createFakeWorld(argv, { environment: { COXSWAIN_WORKER: "1", COXSWAIN_DISPATCH: "d" } });
  world.session.show(waitingView());
  await expect(runCli(world)).resolves.toBe(exit);
  expect(world.session.commands).toEqual([]);
});
