import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { OperationsDocument } from "../../src/contracts/operations.ts";
import { plainRepository } from "../fixtures/repositories.ts";
import { endedWith, launchBoat, type Boat, type Started, type Where } from "./coxswain.ts";
import { addMacro } from "./own-macro.ts";
import { eventually } from "../fixtures/eventually.ts";

type AtTheEnd = (clean: () => Promise<void>) => void;

interface Harbor {
  readonly boat: Boat;
  readonly where: Where;
  /** Of one's own macros, and of what their lanes leave. */
  readonly own: string;
}

async function aHarbor(atTheEnd: AtTheEnd, settings: Readonly<Record<string, string>> = {}): Promise<Harbor> {
  const [boat, repository] = await Promise.all([launchBoat(), plainRepository()]);
  atTheEnd(async () => {
    await boat.remove();
    await repository.remove();
  });
  const own = join(boat.stateRoot, "..", "own");
  await mkdir(own, { recursive: true });
  const environment = { COXSWAIN_CONFIG_FOLDERS: JSON.stringify([own]), COXSWAIN_RETRY_BASE_MS: "1", ...settings };
  return { boat, where: { folder: repository.folder, environment }, own };
}

/** A bot with one worker that goes on until there is a file `hurry`, and notes when it has come to its end. */
async function atWork({ boat, where, own }: Harbor): Promise<{ bot: Started; runId: string; pid: number }> {
  await addMacro(own, "slow", [
    {
      id: "slow",
      script: `echo $$ > '${own}/pid'; until test -e '${own}/hurry'; do sleep 0.1; done; echo x >> '${own}/done'`,
    },
    { id: "next", script: `echo x >> '${own}/next'`, more: { dependsOn: ["slow"] } },
  ]);
  const bot = boat.startBot(where);
  await bot.printed(/127\.0\.0\.1:\d+/);
  boat.start(["run", "errands slow", "--answers", "recommended", "--json"], where);
  const pid = await pidIn(own);
  const [runId] = /run_[0-9a-v]{13}/.exec(JSON.stringify(await boat.envelope("active-run.json"))) ?? [""];
  return { bot, runId, pid };
}

const pidIn = (own: string): Promise<number> =>
  eventually(async () => {
    const pid = Number(await readFile(join(own, "pid"), "utf8"));
    if (pid === 0) throw new Error("no pid yet");
    return pid;
  });

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** What is left of it is done by whoever takes it up; the lane that was done is not done again. */
async function endsWhenResumed({ boat, where, own }: Harbor, runId: string): Promise<void> {
  await writeFile(join(own, "hurry"), "");
  const resumed = endedWith(0, await boat.call(["resume", runId, "--json"], where));
  expect(resumed.last).toMatchObject({ type: "run.ended", runId, status: "completed" });
  expect(await readFile(join(own, "done"), "utf8")).toBe("x\n");
  expect(await readFile(join(own, "next"), "utf8")).toBe("x\n");
}

describe.concurrent("a bot that is told to stop while a worker runs", { timeout: 180_000 }, () => {
  test("lets it end within drainMs and starts nothing new", async ({ onTestFinished }) => {
    const harbor = await aHarbor(onTestFinished, { COXSWAIN_DRAIN_MS: "3600000" });
    const { bot, runId, pid } = await atWork(harbor);
    const draining = bot.printed(/stops/);
    bot.signal("SIGTERM");
    await draining;
    expect(isThere(pid)).toBe(true);
    await writeFile(join(harbor.own, "hurry"), "");
    endedWith(0, await bot.ended);
    expect(await readFile(join(harbor.own, "done"), "utf8")).toBe("x\n");
    expect(existsSync(join(harbor.own, "next"))).toBe(false);
    await endsWhenResumed(harbor, runId);
  });

  test("ends it after drainMs, and loses nothing", async ({ onTestFinished }) => {
    const harbor = await aHarbor(onTestFinished, { COXSWAIN_DRAIN_MS: "500", COXSWAIN_GRACE_MS: "100" });
    const { bot, runId, pid } = await atWork(harbor);
    bot.signal("SIGTERM");
    endedWith(0, await bot.ended);
    expect(isThere(pid)).toBe(false);
    await endsWhenResumed(harbor, runId);
  });

  test("ends it at once when it is told a second time", async ({ onTestFinished }) => {
    const harbor = await aHarbor(onTestFinished, { COXSWAIN_DRAIN_MS: "3600000", COXSWAIN_GRACE_MS: "100" });
    const { bot, runId, pid } = await atWork(harbor);
    const draining = bot.printed(/stops/);
    bot.signal("SIGTERM");
    await draining;
    bot.signal("SIGTERM");
    endedWith(0, await bot.ended);
    expect(isThere(pid)).toBe(false);
    await endsWhenResumed(harbor, runId);
  });
});

test("the tokens that a worker reports are charged to its tenant", { timeout: 180_000 }, async ({ onTestFinished }) => {
  const { boat, where, own } = await aHarbor(onTestFinished, { COXSWAIN_TOKEN_COST_MS: "1000" });
  const lines = [
    { type: "usage", inputTokens: 900_000, outputTokens: 50_000 },
    { type: "usage", inputTokens: 0, outputTokens: 50_000 },
    { type: "done", summary: { kind: "raw", raw: "thought" } },
  ];
  const agent = {
    id: "thinker",
    title: { en: "Thinker", "zh-CN": "思考者" },
    capabilities: ["think about errands"],
    runtime: "command",
    argv: ["/bin/sh", "-c", lines.map((line) => `echo '${JSON.stringify(line)}'`).join("; ")],
  };
  await mkdir(join(own, "agents"));
  await writeFile(join(own, "agents", "thinker.yaml"), stringify(agent));
  const lane = { command: undefined, need: "think about errands", keywords: ["errands"] };
  await addMacro(own, "deep", [{ id: "deep", script: "", more: lane }]);
  endedWith(0, await boat.call(["run", "errands deep", "--answers", "recommended", "--json"], where));
  const read = await readFile(join(boat.stateRoot, "operations.json"), "utf8");
  const { flows, virtualTime } = OperationsDocument.parse(JSON.parse(read));
  // A million tokens at a second for a thousand, and little beside. Where nothing waits any more, all have caught up.
  const used = Math.max(virtualTime, ...Object.values(flows).map(({ finish }) => finish));
  expect(used).toBeGreaterThan(1_000_000);
  expect(used).toBeLessThan(1_500_000);
});

test.runIf(process.platform === "linux")(
  "a state folder that cannot be made or written ends the bot and the program with 2, and says which and why",
  { timeout: 180_000 },
  async ({ onTestFinished }) => {
    const { boat, where, own } = await aHarbor(onTestFinished);
    await writeFile(join(own, "file"), "");
    // The first takes no entries, the second is none, the third is below one, the fourth cannot be written.
    const roots = ["/proc/nope", join(own, "file"), join(own, "file", "below"), "/sys/nope"];
    for (const root of roots) {
      const here = { ...where, environment: { ...where.environment, COXSWAIN_STATE_ROOT: root } };
      const [bot, called] = await Promise.all([boat.startBot(here).ended, boat.call(["run", "errands"], here)]);
      for (const { err } of [endedWith(2, bot), endedWith(2, called)]) {
        expect(err).toContain(`The state folder ${root} cannot be written (E`);
      }
    }
  },
);

test(
  "an exception that nobody caught ends the bot with 1 and one line, a rejection does not; neither shows a token",
  { timeout: 180_000 },
  async ({ onTestFinished }) => {
    const { boat, where, own } = await aHarbor(onTestFinished);
    const plugin = join(own, "faulty.mjs");
    await writeFile(
      plugin,
      `const token = process.env.SOME_TOKEN;
       process.on("SIGUSR2", () => {
         process.stdout.write("before it\\n");
         Promise.reject(Object.assign(new Error("nobody listens to " + token), { headers: { token } }));
         setImmediate(() => { throw new Error("nobody catches " + token); });
       });
       export const plugin = { name: "faulty", register: () => undefined };`,
    );
    const environment = {
      ...where.environment,
      COXSWAIN_PLUGINS: JSON.stringify([plugin]),
      SOME_TOKEN: "a-secret-token",
    };
    const bot = boat.startBot({ ...where, environment });
    await bot.printed(/127\.0\.0\.1:\d+/);
    bot.signal("SIGUSR2");
    const { err } = endedWith(1, await bot.ended);
    const lines = err.split("\n");
    const logged = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 50, err: expect.objectContaining({ message: "nobody listens to [redacted]" }) }),
    );
    expect(logged.at(-1)).toMatchObject({ level: 60, err: { message: "nobody catches [redacted]" } });
    expect(lines.filter((line) => line !== "" && !line.startsWith("{"))).toEqual([
      expect.stringMatching(/^error: .*nobody catches \[redacted\]/),
    ]);
    expect(err).not.toContain("a-secret-token");
  },
);
