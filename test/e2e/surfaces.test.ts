import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readCustomId } from "../../adapters/discord/custom-id.ts";
import { aDiscord, type FakeDiscord } from "../fakes/discord/discord.ts";
import { controlsOf, somebody, textOf as textInDiscord } from "../fakes/discord/people.ts";
import type { StoredMessage } from "../fakes/discord/world.ts";
import { startFakeSlack, type FakeSlack } from "../fakes/slack/fake-slack.ts";
import type { FakeMessage } from "../fakes/slack/world.ts";
import { buttonsOf, cardIn, textOf as textInSlack } from "../fakes/slack/shown.ts";
import { aVisitor, formsIn, textIn } from "../fixtures/browser-less.ts";
import { plainRepository } from "../fixtures/repositories.ts";
import { E2E_MS, launchBoat, type Boat } from "./coxswain.ts";
import { addMacro } from "./own-macro.ts";
import { eventually } from "../fixtures/eventually.ts";

const WORK = "C0WORK";
const NIGHT_WATCH = "1300000000000000001";
const DEAD_BUTTONS = ["dead_letter.discard", "dead_letter.inspect", "dead_letter.retry"];

const atTheEnd: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of atTheEnd.splice(0).toReversed()) await end();
});

/** Waits for something to be there. */
function found<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  return eventually(async () => {
    const there = await look();
    if (there === undefined) throw new Error("not there yet");
    return there;
  }, E2E_MS);
}

/** A repository, and a bot beside it that speaks in Slack, in Discord and in the console; `mend` lets its lane pass. */
async function aBotEverywhere(slack: FakeSlack, discord: FakeDiscord) {
  const repository = await plainRepository();
  atTheEnd.push(() => repository.remove());
  const boat = await launchBoat();
  atTheEnd.push(() => boat.remove());
  const own = join(boat.stateRoot, "..", "own");
  const mended = join(own, "mended");
  await addMacro(own, "fragile", [{ id: "fragile", script: `test -e '${mended}'` }]);
  const [, operators = ""] = discord.world.channels;
  const settings = join(own, "settings.yaml");
  await mkdir(own, { recursive: true });
  await writeFile(
    settings,
    JSON.stringify({
      console: { port: 0, personas: [{ id: "lea", name: "Lea" }] },
      slack: { apiUrl: slack.apiUrl },
      discord: { apiUrl: discord.api },
      roles: {
        requester: ["slack:U0ADA"],
        approver: ["web:lea"],
        operator: [`discord:role:${NIGHT_WATCH}`],
      },
      channels: [{ surface: "slack", channel: WORK, workspace: repository.folder }],
      operatorChannels: [{ surface: "discord", channel: operators }],
      configFolders: [own],
    }),
  );
  const url = await startBot(boat, repository.folder, settings, slack);
  return { url, operators, mend: () => writeFile(mended, "") };
}

/** Resolves with the address of the console when every surface is connected. */
async function startBot(boat: Boat, folder: string, settings: string, slack: FakeSlack): Promise<string> {
  const running = boat.startBot({
    folder,
    environment: {
      COXSWAIN_CONFIG: settings,
      COXSWAIN_SLACK_BOT_TOKEN: slack.bot.token,
      SLACK_APP_TOKEN: "xapp-fake-0000",
      COXSWAIN_DISCORD_TOKEN: "a-token",
    },
  });
  atTheEnd.push(async () => {
    running.signal("SIGTERM");
    expect((await running.ended).exit).toBe(0);
  });
  const [, url = ""] = await running.printed(/Console: (\S+)/);
  await found(() => (slack.sockets() === 2 ? true : undefined));
  return url;
}

const meaningsOf = (message: StoredMessage): string[] =>
  controlsOf(message).flatMap((id) => {
    const control = readCustomId(id);
    return control.kind === "action" ? [control.button.action] : [];
  });

test(
  "a run that is started in Slack, answered in the console and mended in Discord looks the same in all three",
  {
    timeout: E2E_MS,
  },
  async () => {
    const slack = await startFakeSlack();
    atTheEnd.push(() => slack.close());
    const discord = await aDiscord();
    atTheEnd.push(() => discord.stop());
    slack.users.set("U0ADA", { name: "Ada" });
    const { url, operators, mend } = await aBotEverywhere(slack, discord);
    const console_ = await aVisitor(url);
    const olga = somebody(discord, "olga", [NIGHT_WATCH]);

    const inSlack = (kind: string, fits: (message: FakeMessage) => boolean): Promise<FakeMessage> =>
      found(() => slack.messages.findLast((message) => cardIn(message)?.kind === kind && fits(message)));
    const inDiscord = (fits: (message: StoredMessage) => boolean): Promise<StoredMessage> =>
      found(() =>
        [...discord.world.messages.values()]
          .filter(({ author, channel }) => author.bot === true && isInOperators(channel))
          .findLast(fits),
      );
    const isInOperators = (place: string): boolean =>
      place === operators || discord.world.threads.get(place)?.parent === operators;

    // Ada starts it in Slack.
    await slack.command("U0ADA", WORK, "run errands fragile");
    const asked = await inSlack("decision", (message) => buttonsOf(message).length > 0);
    const runId = cardIn(asked)?.runId ?? "";
    /** The articles of the run's page: what the console shows of it. */
    const inConsole = async (kind: string): Promise<string | undefined> => {
      const { html } = await console_.get(`/runs/${runId}`);
      return new RegExp(`<article class="card ${kind}"[\\s\\S]*?</article>`).exec(html)?.[0];
    };

    // Lea answers it in the console.
    const question = formsIn((await inConsole("decision")) ?? "").find(({ buttons }) =>
      buttons.some(({ meaning }) => meaning === "decision.recommended"),
    );
    const token = question?.buttons.find(({ meaning }) => meaning === "decision.recommended")?.token ?? "";
    await console_.send("/act", [...(question?.fields ?? []), ["token", token]]);
    const answered = await inSlack("decision", ({ blocks }) => textInSlack(blocks).includes("Answered by"));
    expect(answered.ts).toBe(asked.ts);
    expect(buttonsOf(answered)).toEqual([]);
    const [line = ""] = /Answered by Lea, [^:]*\d{4}[^:]*:\d\d [AP]M: .+/u.exec(textInSlack(answered.blocks)) ?? [];
    expect(line).not.toBe("");
    expect(textIn((await inConsole("decision")) ?? "")).toContain(line);

    // It fails for good, and operators hear of it in Discord.
    const letter = await inDiscord((message) => meaningsOf(message).includes("dead_letter.retry"));
    expect(meaningsOf(letter).toSorted()).toEqual(DEAD_BUTTONS);
    expect(textInDiscord(letter)).toContain("Errand fragile");
    await inSlack("dead_letter", (message) => buttonsOf(message).length === 3);
    expect(textIn((await inConsole("dead_letter")) ?? "")).toContain("Errand fragile");

    // Olga mends what was broken, and lets it go on from Discord.
    await mend();
    const retry = controlsOf(letter).find((id) => id.includes("retry")) ?? "";
    await olga.click(letter, retry);

    const result = await inSlack("result", () => true);
    const [headline = ""] = /Completed[^\n]*/u.exec(textInSlack(result.blocks)) ?? [];
    expect(headline).not.toBe("");
    await inDiscord((message) => textInDiscord(message).includes(headline));
    expect(textIn((await inConsole("result")) ?? "")).toContain(headline);

    // Nobody is asked any more, anywhere, and everywhere it says what became of it.
    const handled = await inSlack("dead_letter", (message) => buttonsOf(message).length === 0);
    expect(textInSlack(handled.blocks)).toContain("Sent back to work");
    const edited = await found(() => {
      const now = discord.world.messages.get(letter.id);
      return now !== undefined && meaningsOf(now).length === 0 ? now : undefined;
    });
    expect(textInDiscord(edited)).toContain("Sent back to work");
    const { html } = await console_.get(`/chat/operators/${runId}`);
    expect(textIn(html)).toContain("Sent back to work");
    expect(formsIn(html).flatMap(({ buttons }) => buttons.flatMap(({ meaning }) => meaning ?? []))).toEqual([]);
    expect(slack.problems).toEqual([]);
    expect(discord.state.violations).toEqual([]);
  },
);
