import { afterEach, expect, test } from "vitest";
import type { Role } from "../../../src/contracts/role.ts";
import type { FakeMessage } from "../../fakes/slack/world.ts";
import { buttonsOf, cardIn, textOf } from "../../fakes/slack/shown.ts";
import { aSlack, HOME, type SlackPlane } from "../../fixtures/slack.ts";

const planes: SlackPlane[] = [];
afterEach(async () => {
  for (const plane of planes.splice(0)) {
    await plane.close();
    expect(plane.slack.problems).toEqual([]);
  }
});

const ROLES: Readonly<Record<string, readonly Role[]>> = {
  U0ADA: ["requester"],
  U0LI: ["requester"],
  U0OLGA: ["operator"],
};

async function here(...options: [Parameters<typeof aSlack>[1]?]): Promise<SlackPlane> {
  const plane = await aSlack({ rolesOf: ({ user }) => new Set(ROLES[user]) }, ...options);
  planes.push(plane);
  plane.slack.users.set("U0ADA", { name: "Ada" });
  plane.slack.users.set("U0LI", { name: "Li", locale: "zh-CN" });
  plane.slack.users.set("U0OLGA", { name: "Olga" });
  return plane;
}

const GOAL = "please check the house for us";
const isOpen = (message: FakeMessage) => cardIn(message)?.kind === "decision" && buttonsOf(message).length > 0;

async function homeOf(plane: SlackPlane, user: string): Promise<string> {
  await plane.slack.goHome(user);
  await plane.connection().idle();
  return textOf(plane.slack.homes.get(user));
}

async function asked(plane: SlackPlane, user: string): Promise<FakeMessage> {
  await plane.slack.say(user, HOME, `<@${plane.slack.bot.user}> run ${GOAL}`);
  return plane.message(HOME, isOpen);
}

test("the Home tab shows what one may answer, one's own runs, and to operators what failed", async () => {
  const plane = await here();
  await asked(plane, "U0ADA");
  const [ada, li, olga] = [await homeOf(plane, "U0ADA"), await homeOf(plane, "U0LI"), await homeOf(plane, "U0OLGA")];
  expect(ada.split(GOAL)).toHaveLength(3);
  expect(ada).not.toContain("failed for good");
  expect(li).toContain("等你回答的问题");
  expect(li).not.toContain(GOAL);
  expect(olga).toContain("Runs that failed for good");
});

test("a language that is chosen there is spoken at once, by the runs that one starts, and after a restart", async () => {
  const plane = await here();
  expect(await homeOf(plane, "U0ADA")).toContain("My runs");
  const { ack } = await plane.slack.chooseAtHome("U0ADA", "cx.language", "zh-CN");
  expect(ack).toBeDefined();
  await plane.until(() => (textOf(plane.slack.homes.get("U0ADA")).includes("我的运行") ? true : undefined));
  await plane.restart();
  const card = await asked(plane, "U0ADA");
  expect(textOf(card.blocks)).toMatch(/\p{Script=Han}/u);
  const run = (await plane.plane().agent.document(cardIn(card)?.runId ?? ""))?.run;
  expect(run?.language).toEqual({ language: "zh-CN", source: "explicit_output_choice" });

  await plane.slack.chooseAtHome("U0ADA", "cx.language", "auto");
  await plane.until(() => (textOf(plane.slack.homes.get("U0ADA")).includes("My runs") ? true : undefined));
});

test("/cox language does the same, and the Home tab shows it", async () => {
  const plane = await here();
  const { ack } = await plane.slack.command("U0ADA", HOME, "language zh-CN");
  expect(String(ack?.payload["text"])).toMatch(/从现在起.*中文/u);
  expect(await homeOf(plane, "U0ADA")).toContain("我的运行");
  const nonsense = await plane.slack.command("U0ADA", HOME, "language tlh");
  expect(String(nonsense.ack?.payload["text"])).toContain("zh-CN");
  expect(await homeOf(plane, "U0ADA")).toContain("我的运行");
});

test("where the bot is set to one language there is nothing to choose, and it says so", async () => {
  const plane = await here({ language: "zh-CN" });
  expect(await homeOf(plane, "U0ADA")).toContain("固定了一种语言");
  expect(JSON.stringify(plane.slack.homes.get("U0ADA"))).not.toContain("static_select");
});
