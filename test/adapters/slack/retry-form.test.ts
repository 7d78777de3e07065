import { afterEach, expect, test } from "vitest";
import { Macro } from "../../../src/contracts/macro.ts";
import type { Role } from "../../../src/contracts/role.ts";
import { goodResultFor, GOOD_RESULT } from "../../fakes/fake-runtime.ts";
import type { FakeMessage, FakeView } from "../../fakes/slack/world.ts";
import { buttonsOf, cardIn, textOf } from "../../fakes/slack/shown.ts";
import { FAKE_CATALOG, FAKE_MACRO } from "../../fixtures/control-plane.ts";
import { aSlack, HOME, OPERATORS, type SlackPlane } from "../../fixtures/slack.ts";

const planes: SlackPlane[] = [];
afterEach(async () => {
  for (const plane of planes.splice(0)) {
    await plane.close();
    expect(plane.slack.problems).toEqual([]);
  }
});

const title = { en: "Days", "zh-CN": "天数" };
const MACRO = Macro.parse({
  ...FAKE_MACRO,
  args: { ...FAKE_MACRO.args, days: { type: "integer", title, default: 30, min: 1, max: 90 } },
  lanes: FAKE_MACRO.lanes.map((lane) => ({ ...lane, retries: 0 })),
});
const ROLES: Readonly<Record<string, readonly Role[]>> = { U0ADA: ["requester"], U0OLGA: ["operator"] };

/** The roof cannot be inspected over more than ten days; everything else goes well. */
async function aLetter(): Promise<{ plane: SlackPlane; letter: FakeMessage }> {
  const catalog = { ...FAKE_CATALOG, macros: [MACRO] };
  const plane = await aSlack({
    catalog,
    rolesOf: ({ user }) => new Set(ROLES[user]),
    whoMay: (role) => (role === "operator" ? ["Olga"] : []),
  });
  planes.push(plane);
  plane.slack.users.set("U0ADA", { name: "Ada" });
  plane.slack.users.set("U0OLGA", { name: "Olga" });
  plane
    .plane()
    .runtime.script("roof", (order) =>
      Number(order.brief.args["days"]) <= 10 ? goodResultFor(order) : { ...GOOD_RESULT, exitCode: 3 },
    );
  await plane.slack.say("U0ADA", HOME, `<@${plane.slack.bot.user}> run please check the house for us`);
  const card = await plane.message(
    HOME,
    (message) => cardIn(message)?.kind === "decision" && buttonsOf(message).length > 0,
  );
  const accept = buttonsOf(card).find(({ meaning }) => meaning === "decision.recommended")?.actionId ?? "";
  await plane.slack.click("U0ADA", card, accept);
  const letter = await plane.message(OPERATORS, (message) => cardIn(message)?.kind === "dead_letter");
  return { plane, letter };
}

async function formBehind(plane: SlackPlane, letter: FakeMessage): Promise<FakeView> {
  await plane.slack.click("U0OLGA", letter, "cx.retry_with");
  return plane.until(() => plane.slack.views[0]);
}

test("a dead letter is retried with a changed value from its form", async () => {
  const { plane, letter } = await aLetter();
  const form = await formBehind(plane, letter);
  expect(textOf(form.view)).toContain("Days");
  expect(JSON.stringify(plane.slack.valuesOf(form))).toContain("30");
  const { ack } = await plane.slack.submit(form, { "arg.days": { value: "7" } });
  expect(ack?.payload).toEqual({});
  const result = await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
  const run = (await plane.plane().agent.document(cardIn(result)?.runId ?? ""))?.run;
  expect(run).toMatchObject({ redriveArgs: { days: 7 }, redrives: 1 });
});

test("a value that does not fit is said in the form, which stays, and the letter with it", async () => {
  const { plane, letter } = await aLetter();
  const form = await formBehind(plane, letter);
  const { ack } = await plane.slack.submit(form, { "arg.days": { value: "900" } });
  expect(ack?.payload).toMatchObject({ response_action: "errors" });
  expect(JSON.stringify(ack?.payload)).toContain("Days");
  const [run] = (await plane.plane().agent.runs({ limit: 1, offset: 0 })).runs;
  expect(run?.status).toBe("dead_letter");
  await plane.slack.submit(form, { "arg.days": { value: "7" } });
  await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
});

test("who may not retry gets no form and is told who may", async () => {
  const { plane, letter } = await aLetter();
  await plane.slack.click("U0ADA", letter, "cx.retry_with");
  const told = await plane.message(OPERATORS, ({ onlyFor }) => onlyFor === "U0ADA");
  expect(textOf(told.blocks)).toContain("Who may: Olga.");
  expect(plane.slack.views).toEqual([]);
});
