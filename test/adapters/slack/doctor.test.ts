import { afterEach, beforeEach, expect, test } from "vitest";
import { checkSlack, type SlackDoctorInput } from "../../../adapters/slack/doctor.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { startFakeSlack, type FakeSlack } from "../../fakes/slack/fake-slack.ts";

let slack: FakeSlack;

beforeEach(async () => {
  slack = await startFakeSlack();
});
afterEach(() => slack.close());

async function findings(change: Partial<SlackDoctorInput> = {}): Promise<string[]> {
  const checks = await checkSlack({
    mode: "socket",
    apiUrl: slack.apiUrl,
    tokens: { botToken: slack.bot.token, appToken: "xapp-fake-0000", signingSecret: undefined },
    channels: ["C0WORK"],
    now: () => Date.now(),
    ...change,
  });
  const words = translatorFor("en");
  for (const { state, mend } of checks) expect(mend === null).toBe(state === "ok");
  return checks.map(({ state, text }) => `${state}: ${words.say(text)}`);
}

test("everything that is right is said, and nothing is posted", async () => {
  expect(await findings()).toEqual([
    "ok: Slack: coxswain in Home",
    "ok: Slack: all 12 rights are there",
    expect.stringMatching(/^ok: Slack: its clock and this one are \d seconds? apart$/),
    "ok: Slack: the bot is in #work (C0WORK)",
    "ok: Slack: the connection stands",
  ]);
  expect(slack.messages).toEqual([]);
});

test.each<[string, Partial<SlackDoctorInput>, string]>([
  [
    "no bot token",
    { tokens: { botToken: undefined, appToken: "xapp-1", signingSecret: undefined } },
    "fail: Slack: COXSWAIN_SLACK_BOT_TOKEN is not set",
  ],
  [
    "no app token",
    { tokens: { botToken: "xoxb-1", appToken: undefined, signingSecret: undefined } },
    "fail: Slack: COXSWAIN_SLACK_APP_TOKEN is not set",
  ],
  ["no signing secret", { mode: "http" }, "fail: Slack: COXSWAIN_SLACK_SIGNING_SECRET is not set"],
  ["a channel without the bot", { channels: ["C0OUT"] }, "warn: Slack: the bot is not in #work (C0OUT)"],
  ["a clock that is wrong", { now: () => Date.now() + 605_000 }, "fail: Slack: its clock and this one are 60"],
])("%s is found", async (_, change, line) => {
  expect((await findings(change)).some((found) => found.startsWith(line))).toBe(true);
});

test("missing rights are named", async () => {
  slack.grant("chat:write", "commands");
  expect((await findings())[1]).toMatch(/^fail: Slack: rights are missing: app_mentions:read, channels:history/);
});

test("a token that was taken away and a connection that is refused are said as Slack says them", async () => {
  slack.revoke(true);
  const found = await findings();
  expect(found).toContain("fail: auth.test: token_revoked");
  expect(found).toContain("fail: Slack: no connection: apps.connections.open: token_revoked");
});
