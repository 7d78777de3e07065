import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { RunDocument } from "../../src/contracts/document.ts";
import { HIDDEN_INTERNAL_FIELDS } from "../../src/contracts/envelope.ts";
import { StageKey, stageOf, STAGES } from "../../src/contracts/stage.ts";
import { everyByte } from "../adapters/workspace/folder-hash.ts";
import { nodeRepository, plainRepository, type FolderFixture } from "../fixtures/repositories.ts";
import { E2E_MS, endedWith, launchBoat, type Boat } from "./coxswain.ts";
import { addMacro } from "./own-macro.ts";
import { eventually } from "../fixtures/eventually.ts";

const GOAL = "check the health of this repository";
const ANSWERS = { outcome: "report_only", style: "parallel", risk: "isolated", priority: "risk_first" };

const Option = z.looseObject({ id: z.string(), recommended: z.boolean(), label: z.string() });
const Question = z.looseObject({ id: z.string(), title: z.string(), options: z.array(Option) });
const Waiting = z.looseObject({
  type: z.literal("run.waiting"),
  runId: z.string(),
  card: z.looseObject({ questions: z.array(Question) }),
});
const Ended = z.looseObject({
  type: z.literal("run.ended"),
  runId: z.string(),
  status: z.string(),
  artifacts: z.array(z.looseObject({ path: z.string(), sha256: z.string() })),
  findings: z.array(z.looseObject({ text: z.string() })),
});
type Waiting = z.infer<typeof Waiting>;

type AtTheEnd = (clean: () => Promise<void>) => void;

/** A state root of the test. At its end nothing that is internal may have been shown to people (G4, G38). */
async function aBoat(atTheEnd: AtTheEnd): Promise<Boat> {
  const boat = await launchBoat();
  atTheEnd(async () => {
    await boat.remove();
    const shown = boat.shown.join("\n");
    const internal = HIDDEN_INTERNAL_FIELDS.filter((name) => shown.includes(name));
    if (internal.length > 0) throw new Error(`shown to people: ${internal.join(", ")}`);
  });
  return boat;
}

/** A repository of the test. */
async function the(made: Promise<FolderFixture>, atTheEnd: AtTheEnd): Promise<FolderFixture> {
  const repository = await made;
  atTheEnd(() => repository.remove());
  return repository;
}

async function cardOf(boat: Boat, repository: FolderFixture, goal = GOAL, ...more: string[]): Promise<Waiting> {
  const called = endedWith(3, await boat.call(["run", goal, "--json", ...more], repository));
  return Waiting.parse(called.last);
}

async function answersFile(boat: Boat, answers: unknown): Promise<string> {
  const file = join(boat.stateRoot, "..", "answers.json");
  await writeFile(file, JSON.stringify(answers));
  return file;
}

async function exported(boat: Boat, repository: FolderFixture, runId: string): Promise<RunDocument> {
  const called = await boat.call(["export", runId], repository);
  return RunDocument.parse(JSON.parse(called.out));
}

function idsOf({ card }: Waiting): string[] {
  return card.questions.flatMap((question) => question.options.map((option) => `${question.id}.${option.id}`));
}

function textsOf({ card }: Waiting): string[] {
  return card.questions.flatMap((question) => [question.title, ...question.options.map((option) => option.label)]);
}

/** The settings that name the folder of one's own macros, and the folder. */
async function ownMacros(boat: Boat): Promise<{ own: string; environment: Record<string, string> }> {
  const own = join(boat.stateRoot, "..", "own");
  await mkdir(own, { recursive: true });
  return { own, environment: { COXSWAIN_CONFIG_FOLDERS: JSON.stringify([own]), COXSWAIN_RETRY_BASE_MS: "1" } };
}

const untilFile = (file: string): Promise<string> =>
  eventually(
    () => readFile(file, "utf8").then((text) => (text === "" ? Promise.reject(new Error(file)) : text)),
    E2E_MS,
  );

// All at once on two cores: each waits for the others more than it works.
describe.concurrent("the terminal program, as a process on a real repository", { timeout: E2E_MS }, () => {
  test("a run for nobody stops with its card, once, goes on with an answers file, and leaves the workspace byte for byte", async ({
    onTestFinished,
  }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const before = await everyByte(plain.folder);
    const asked = endedWith(3, await boat.call(["run", GOAL, "--json"], plain));
    expect(asked.lines.filter((line) => line.type === "run.waiting")).toHaveLength(1);
    const { runId, card } = Waiting.parse(asked.last);
    expect(card.questions.map((question) => question.id)).toEqual(["outcome", "scope", "style", "risk", "priority"]);
    for (const { options } of card.questions) {
      expect(options.length).toBeGreaterThanOrEqual(3);
      expect(options.filter((option) => option.recommended)).toHaveLength(1);
    }

    const envelope = await boat.envelope("active-run.json");
    expect(envelope).toEqual(await boat.envelope(`runs/${runId}/status.json`));
    expect(envelope).toMatchObject({ runId, active: true, currentStage: "Thinking", percent: 38, next: "Execution" });
    expect(envelope.completed).toEqual(["Critical", "Fetch"]);
    expect(envelope.blockedOn).not.toBeNull();
    const atCard = await boat.spineState();
    expect(atCard).toMatchObject({ runId, active: true, choiceSurfaceState: "execution_confirmation_allowed" });
    expect(atCard.stages).toMatchObject({
      critical: { status: "completed" },
      fetch: { status: "completed" },
      thinking: { status: "in_progress" },
      execution: { status: "pending" },
    });
    expect(atCard).toHaveProperty("contentEvidencePacket");
    expect(atCard).toHaveProperty("preDecisionOptionFrame");
    expect(atCard).not.toHaveProperty("workerTaskPackets");

    const file = await answersFile(boat, { ...ANSWERS, scope: "everything" });
    const ended = endedWith(0, await boat.call(["answer", runId, "--answers", file, "--json"], plain));
    const last = Ended.parse(ended.last);
    expect(last).toMatchObject({ runId, status: "completed" });
    expect(last.artifacts.map((artifact) => artifact.path)).toContain("artifacts/report.md");
    expect(last.findings.length).toBeGreaterThan(0);
    const notices = ended.lines.filter((line) => line.type === "run.notice");
    for (const { currentStageKey, percent } of notices) {
      expect(percent).toBe(stageOf(StageKey.parse(currentStageKey)).percent);
    }

    const done = await boat.envelope(`runs/${runId}/status.json`);
    expect(done).toEqual(await boat.envelope("active-run.json"));
    expect(done).toMatchObject({
      active: false,
      currentStageKey: "evolution",
      percent: 100,
      next: null,
      blockedOn: null,
    });
    expect(done.completed).toEqual(STAGES.map((stage) => stage.label));
    const atEnd = await boat.spineState();
    expect(atEnd).toMatchObject({ active: false, choiceSurfaceState: "completed" });
    expect(atEnd.dispatchChain).toMatchObject({
      critical: expect.arrayContaining(["meta-warden"]),
      thinking: expect.arrayContaining(["meta-conductor"]),
      review: expect.arrayContaining(["meta-prism"]),
      meta_review: expect.arrayContaining(["meta-warden"]),
      verification: expect.arrayContaining(["meta-warden"]),
    });
    expect(atEnd.dispatchChain.execution).not.toHaveLength(0);
    expect(await everyByte(plain.folder)).toEqual(before);

    const document = await exported(boat, plain, runId);
    expect(Object.keys(document.run.packets)).toEqual(
      expect.arrayContaining(["runHeader", "workerTaskPackets", "reviewPacket", "evolutionWritebackPacket"]),
    );
  });

  test("two lanes that are chosen are dispatched, and no others", async ({ onTestFinished }) => {
    const boat = await aBoat(onTestFinished);
    const node = await the(nodeRepository(), onTestFinished);
    const { runId } = await cardOf(boat, node);
    const answers = { ...ANSWERS, scope: "own_selection", tests: "as_is" };
    const file = await answersFile(boat, { answers, args: { lanes: ["history", "size"] } });
    endedWith(0, await boat.call(["answer", runId, "--answers", file], node));
    const { run } = await exported(boat, node, runId);
    const lanes = run.dispatches.flatMap(({ work }) => (work.kind === "lane" ? [work.laneId] : []));
    expect(lanes.sort()).toEqual(["history", "size"]);
    expect(run.packets.workerTaskPackets?.map((packet) => packet.laneId).sort()).toEqual(["history", "size"]);
  });

  test("two repositories give two cards, and a card in two languages has the same ids", async ({ onTestFinished }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const node = await the(nodeRepository(), onTestFinished);
    const english = await cardOf(boat, node, GOAL, "--language", "en");
    const chinese = await cardOf(boat, node, GOAL, "--language", "zh-CN");
    const other = await cardOf(boat, plain, GOAL, "--language", "en");
    expect(idsOf(chinese)).toEqual(idsOf(english));
    const inEnglish = new Set(textsOf(english));
    expect(textsOf(chinese).filter((text) => inEnglish.has(text))).toEqual([]);
    expect(idsOf(other)).not.toEqual(idsOf(english));
    expect(JSON.stringify(other.card["context"])).not.toBe(JSON.stringify(english.card["context"]));
  });

  test("a Chinese goal gives a Chinese card to people, once, with how to go on", async ({ onTestFinished }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const asked = endedWith(3, await boat.call(["run", "检查这个仓库的健康状况"], plain));
    expect(asked.out.split("请确认如何执行")).toHaveLength(2);
    expect(asked.out).toMatch(/coxswain answer run_\w+ --answers answers.json/);
    const english = asked.out.replace(/coxswain answer.*/, "").match(/^.*[a-z]{3,} [a-z]{3,} [a-z]{3,}.*$/gm);
    expect(english).toBeNull();
  });

  test("a report that is chosen for the workspace is one new file there, and nothing else changes", async ({
    onTestFinished,
  }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const { runId } = await cardOf(boat, plain);
    const before = await everyByte(plain.folder);
    const file = await answersFile(boat, { ...ANSWERS, outcome: "report_in_workspace", scope: "essential" });
    endedWith(0, await boat.call(["answer", runId, "--answers", file], plain));
    const after = await everyByte(plain.folder);
    expect(before.filter((line) => !after.includes(line))).toEqual([]);
    const added = after.filter((line) => !before.includes(line));
    expect(added).toHaveLength(1);
    expect(added[0]).toMatch(new RegExp(`^repository-health-${runId}\\.md `));
  });

  test("answers that do not fit end with 2, and the card stays open", async ({ onTestFinished }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const { runId } = await cardOf(boat, plain);
    const file = await answersFile(boat, { ...ANSWERS, scope: "gigantic" });
    const refused = await boat.call(["answer", runId, "--answers", file, "--json"], plain);
    expect(refused.exit).toBe(2);
    expect(refused.err).toContain('"gigantic"');
    expect(refused.err).toContain("everything");
    const status = await boat.call(["status", runId, "--json"], plain);
    expect(status.last).toMatchObject({ type: "run.status", status: "waiting", currentStageKey: "thinking" });
    endedWith(0, await boat.call(["cancel", runId], plain));
    const late = await boat.call(["answer", runId, "--answers", "recommended"], plain);
    expect(late.exit).toBe(2);
  });

  test("an unknown run, an unknown option, a missing folder and a wrong macro file end with 2 and say what to mend", async ({
    onTestFinished,
  }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const { own, environment } = await ownMacros(boat);
    const macro = await addMacro(own, "broken", [{ id: "one", script: "true", more: { timeLimitMs: "soon" } }]);
    const unknown = await boat.call(["status", "run_0000000000000"], plain);
    const option = await boat.call(["run", GOAL, "--wrokspace", "."], plain);
    const missing = await boat.call(["run", GOAL, "--workspace", "nowhere"], plain);
    const wrong = await boat.call(["run", GOAL], { ...plain, environment });
    const checked = await boat.call(["config", "check"], { ...plain, environment });
    expect([unknown.exit, option.exit, missing.exit, wrong.exit, checked.exit]).toEqual([2, 2, 2, 2, 2]);
    expect(unknown.err).toContain("run_0000000000000");
    expect(option.err).toContain("--workspace");
    expect(missing.err).toContain(join(plain.folder, "nowhere"));
    const line = (await readFile(macro, "utf8")).split("\n").findIndex((text) => text.includes("timeLimitMs")) + 1;
    expect(wrong.err).toContain(`${macro}:${line}`);
    expect(wrong.err).toContain('"soon"');
    expect(checked.err).toContain(`${macro}:${line}`);
  });

  test("a lane that fails for good is a dead letter; a retry does only what failed, and a discard closes it", async ({
    onTestFinished,
  }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const { own, environment } = await ownMacros(boat);
    const where = { ...plain, environment };
    await addMacro(own, "fragile", [
      { id: "steady", script: `echo worked >> '${own}/ledger'` },
      {
        id: "fragile",
        script: `echo tried >> '${own}/tries'; test -e '${own}/mended'`,
        more: { dependsOn: ["steady"] },
      },
    ]);
    const once = await answersFile(boat, { ...ANSWERS, scope: "everything" });
    endedWith(1, await boat.call(["run", "errands fragile", "--answers", once], where));
    const listed = await boat.call(["dead-letters", "list", "--json"], where);
    expect(listed.lines).toHaveLength(1);
    const runId = z.string().parse(listed.last?.["runId"]);
    const envelope = await boat.envelope(`runs/${runId}/status.json`);
    expect(envelope).toMatchObject({ active: false, currentStageKey: "execution", percent: 50 });
    expect(envelope.blockedOn).not.toBeNull();
    const inspected = await boat.call(["dead-letters", "inspect", runId], where);
    expect(inspected.exit).toBe(0);
    expect(inspected.out).toContain("Errand fragile");

    const again = await boat.call(["dead-letters", "retry", runId], where);
    expect(again.exit).toBe(1);
    await writeFile(join(own, "mended"), "");
    const retried = endedWith(0, await boat.call(["dead-letters", "retry", runId, "--json"], where));
    expect(retried.last).toMatchObject({ type: "run.ended", status: "completed" });
    expect(await readFile(join(own, "ledger"), "utf8")).toBe("worked\n");
    expect(await readFile(join(own, "tries"), "utf8")).toBe("tried\ntried\ntried\n");

    await rm(join(own, "mended"));
    const second = await boat.call(["run", "errands fragile", "--answers", once, "--json"], where);
    const { runId: other } = Ended.parse(second.last);
    expect((await boat.call(["dead-letters", "discard", other], where)).exit).toBe(2);
    endedWith(0, await boat.call(["dead-letters", "discard", other, "--reason", "not needed"], where));
    expect((await boat.call(["dead-letters", "retry", other], where)).exit).toBe(2);
    expect((await boat.call(["dead-letters", "list", "--json"], where)).lines).toEqual([]);
  });

  test("Ctrl-C parks the run and ends its workers; meanwhile others can look and not take over; resume finishes it", async ({
    onTestFinished,
  }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const { own, environment } = await ownMacros(boat);
    const where = { ...plain, environment };
    await addMacro(own, "slow", [
      { id: "quick", script: `echo worked >> '${own}/ledger'` },
      {
        id: "slow",
        script: `test -e '${own}/hurry' && exit 0; echo $$ > '${own}/pid'; exec sleep 300`,
        more: { dependsOn: ["quick"] },
      },
    ]);
    const running = boat.start(["run", "errands slow", "--answers", "recommended", "--json"], where);
    const pid = Number(await untilFile(join(own, "pid")));
    const [runId] = /run_[0-9a-v]{13}/.exec(JSON.stringify(await boat.envelope("active-run.json"))) ?? [""];
    expect(existsSync(`/proc/${pid}`)).toBe(true);

    const looking = await boat.call(["status", runId, "--json"], where);
    expect(looking.last).toMatchObject({ status: "active", currentStageKey: "execution", percent: 50 });
    const queued = await boat.call(["queue", "--json"], where);
    expect(JSON.stringify(queued.last?.["running"])).toContain(runId);
    const second = await boat.call(["run", "errands slow", "--answers", "recommended", "--json"], where);
    expect(second.exit).toBe(130);
    expect(second.last).toMatchObject({ type: "run.interrupted", parked: true });

    running.signal("SIGINT");
    const parked = endedWith(130, await running.ended);
    expect(parked.last).toMatchObject({ type: "run.interrupted", runId });
    expect(existsSync(`/proc/${pid}`)).toBe(false);

    await writeFile(join(own, "hurry"), "");
    const resumed = endedWith(0, await boat.call(["resume", runId, "--json"], where));
    expect(resumed.last).toMatchObject({ type: "run.ended", runId, status: "completed" });
    expect(await readFile(join(own, "ledger"), "utf8")).toBe("worked\n");
  });

  test("a run that a worker starts is refused, and a token of the environment reaches no file", async ({
    onTestFinished,
  }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const token = "tkn-4f1c9b0d7e2a";
    const { own, environment } = await ownMacros(boat);
    const cli = join(import.meta.dirname, "../../src/cli.ts");
    await writeFile(join(own, "leak"), `the token is ${token}\n`);
    await addMacro(own, "sly", [
      { id: "leak", script: `cat '${own}/leak'; echo "env: $FOO_TOKEN." ; cat '${own}/leak' >&2` },
      {
        id: "nested",
        script: `'${process.execPath}' '${cli}' run 'errands sly' --answers recommended`,
        more: { verify: [{ id: "refused", kind: "exit_code", equals: 2 }] },
      },
    ]);
    const where = { ...plain, environment: { ...environment, FOO_TOKEN: token } };
    const ended = endedWith(0, await boat.call(["run", "errands sly", "--answers", "recommended", "--json"], where));
    const { runId } = Ended.parse(ended.last);
    const { run } = await exported(boat, plain, runId);
    const tails = run.lanes;
    expect(tails["nested"]).toMatchObject({ status: "succeeded", result: { exitCode: 2 } });
    expect(tails["leak"]).toMatchObject({ result: { outputTail: expect.stringContaining("env: .") } });
    expect(await boat.filesWith(token)).toEqual([]);
    expect(ended.out).not.toContain(token);
    expect((await boat.call(["status", "--json"], plain)).lines).toHaveLength(1);
  });

  test("while the bot runs, the program goes through it, and the bot parks everything when it is told to stop", async ({
    onTestFinished,
  }) => {
    const boat = await aBoat(onTestFinished);
    const plain = await the(plainRepository(), onTestFinished);
    const bot = boat.startBot(plain);
    await bot.printed(/127\.0\.0\.1:\d+/);
    const { runId } = await cardOf(boat, plain);
    const taken = await boat.startBot(plain).ended;
    expect(taken.exit).toBe(1);
    expect(taken.err).toContain(String(bot.pid));
    const file = await answersFile(boat, { ...ANSWERS, scope: "essential" });
    const [one, two] = await Promise.all([
      boat.call(["answer", runId, "--answers", file, "--json"], plain),
      boat.call(["answer", runId, "--answers", file, "--json"], plain),
    ]);
    // One is first; the other goes along with the run, or hears that the question is answered already.
    expect([one.exit, two.exit]).toContain(0);
    expect([0, 2]).toEqual(expect.arrayContaining([one.exit, two.exit]));
    const { run } = await exported(boat, plain, runId);
    expect(run.decisions).toHaveLength(1);
    expect(run.status.kind).toBe("completed");
    bot.signal("SIGTERM");
    expect((await bot.ended).exit).toBe(0);
  });
});
