import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, expect, test } from "vitest";
import { startFakeSlack, type FakeSlack } from "../fakes/slack/fake-slack.ts";
import type { FakeMessage } from "../fakes/slack/world.ts";
import { buttonsOf, cardIn, textOf } from "../fakes/slack/shown.ts";
import { E2E_MS, launchBoat, type Boat } from "./coxswain.ts";
import { eventually } from "../fixtures/eventually.ts";

const CHANNEL = "C0WORK";

let slack: FakeSlack | undefined;
let boat: Boat | undefined;
let folder: string | undefined;
afterEach(async () => {
  await slack?.close();
  await boat?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** A small repository, and the bot's settings in the folder in which it is started. */
async function aRepository(apiUrl: string): Promise<string> {
  const made = await realpath(await mkdtemp(join(tmpdir(), "coxswain-slack-e2e-")));
  await writeFile(join(made, "README.md"), "# House\n");
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=Ada", "-c", "user.email=ada@house.test", ...args], { cwd: made });
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "Build the house");
  await writeFile(
    join(made, "settings.yaml"),
    JSON.stringify({
      console: { enabled: false },
      slack: { apiUrl },
      roles: { requester: ["slack:U0ADA"], approver: ["slack:group:S0LEADS"] },
      channels: [{ surface: "slack", channel: CHANNEL, workspace: made }],
    }),
  );
  return made;
}

function shown(fits: (message: FakeMessage) => boolean): Promise<FakeMessage> {
  return eventually(() => {
    const found = slack?.messages.findLast((message) => message.channel === CHANNEL && fits(message));
    if (found === undefined) throw new Error("not shown yet");
    return found;
  }, E2E_MS);
}

test(
  "the real bot, started with two tokens, takes a run from a mention to its report",
  { timeout: E2E_MS },
  async () => {
    slack = await startFakeSlack();
    const { users, groups, bot } = slack;
    const fake = slack;
    users.set("U0ADA", { name: "Ada" });
    users.set("U0LEA", { name: "Lea" });
    groups.set("S0LEADS", ["U0LEA"]);
    boat = await launchBoat();
    folder = await aRepository(slack.apiUrl);
    const environment = {
      COXSWAIN_CONFIG: join(folder, "settings.yaml"),
      COXSWAIN_SLACK_BOT_TOKEN: bot.token,
      SLACK_APP_TOKEN: "xapp-fake-0000",
    };
    const doctor = await boat.call(["doctor"], { folder, environment });
    expect(doctor.out).toContain("Slack: the connection stands");
    expect(doctor.out).toContain("Slack: the bot is in #work");

    const running = boat.startBot({ folder, environment });
    await eventually(() => expect(fake.sockets()).toBe(2), E2E_MS);
    await slack.say("U0ADA", CHANNEL, `<@${bot.user}> run check the health of this repository`);
    const card = await shown((message) => cardIn(message)?.kind === "decision" && buttonsOf(message).length > 0);
    const action = buttonsOf(card).find(({ meaning }) => meaning === "decision.recommended")?.actionId ?? "";
    await slack.click("U0LEA", card, action);
    const result = await shown((message) => cardIn(message)?.kind === "result");
    const report = await shown(({ file }) => file !== undefined);
    running.signal("SIGTERM");
    const ended = await running.ended;

    expect(textOf(result.blocks)).toContain("Completed");
    expect(report.file?.content).toContain("# ");
    expect(slack.problems).toEqual([]);
    expect(ended.exit).toBe(0);
    for (const text of [ended.out, ended.err, doctor.out]) expect(text).not.toMatch(/xoxb-|xapp-/);
    expect(await boat.filesWith(bot.token)).toEqual([]);
  },
);
