import { InteractionResponseType } from "discord-api-types/v10";
import { afterEach, expect, test } from "vitest";
import { readCustomId } from "../../../adapters/discord/custom-id.ts";
import { Macro } from "../../../src/contracts/macro.ts";
import type { Role } from "../../../src/contracts/role.ts";
import { answerText, controlsOf, textOf, type Somebody } from "../../fakes/discord/people.ts";
import type { StoredMessage } from "../../fakes/discord/world.ts";
import { goodResultFor, GOOD_RESULT } from "../../fakes/fake-runtime.ts";
import { FAKE_CATALOG, FAKE_MACRO } from "../../fixtures/control-plane.ts";
import { aDiscordPlane, type DiscordPlane } from "../../fixtures/discord.ts";
import { eventually } from "../../fixtures/eventually.ts";

const planes: DiscordPlane[] = [];
afterEach(async () => {
  for (const here of planes.splice(0)) {
    await here.close();
    expect(here.discord.state.violations).toEqual([]);
  }
});

const title = { en: "Days", "zh-CN": "天数" };
const days = { type: "integer", title, default: 30, min: 1, max: 90 };
/** More values than one form takes, of which the first decides whether the roof can be inspected. */
const MACRO = Macro.parse({
  ...FAKE_MACRO,
  args: { ...FAKE_MACRO.args, days, b: days, c: days, d: days, e: days },
  lanes: FAKE_MACRO.lanes.map((lane) => ({ ...lane, retries: 0 })),
});

async function aLetter(): Promise<{ here: DiscordPlane; letter: StoredMessage; ada: Somebody; olga: Somebody }> {
  const roles = new Map<string, readonly Role[]>();
  const rolesOf = ({ user }: { user: string }) => new Set(roles.get(user));
  const here = await aDiscordPlane({ catalog: { ...FAKE_CATALOG, macros: [MACRO] }, rolesOf });
  planes.push(here);
  const [ada, olga] = [here.somebody("ada"), here.somebody("olga")];
  roles.set(ada.user.id, ["requester"]);
  roles.set(olga.user.id, ["operator"]);
  here
    .plane()
    .runtime.script("roof", (order) =>
      Number(order.brief.args["days"]) <= 10 ? goodResultFor(order) : { ...GOOD_RESULT, exitCode: 3 },
    );
  await here.ask(ada);
  const [thread = ""] = here.discord.world.threads.keys();
  const card = await control(here, thread, "decision.recommended");
  await ada.click(card.message, card.id);
  await eventually(async () => {
    here.plane().clock.advance(5000);
    expect((await here.plane().agent.runs({ limit: 1, offset: 0 })).runs[0]?.status).toBe("dead_letter");
  });
  const { message: letter } = await control(here, here.operators, "dead_letter.retry");
  return { here, letter, ada, olga };
}

function control(here: DiscordPlane, place: string, action: string): Promise<{ message: StoredMessage; id: string }> {
  return eventually(() => {
    for (const message of here.discord.world.messagesIn(place)) {
      const id = controlsOf(message).find((customId) => {
        const meant = readCustomId(customId);
        return meant.kind === "action" && meant.button.action === action;
      });
      if (id !== undefined) return { message, id };
    }
    throw new Error(`no control ${action}`);
  });
}

const withValues = (letter: StoredMessage): string => controlsOf(letter).find((id) => id.endsWith("~page0")) ?? "";

test("a dead letter is retried with a changed value from its form, and a value that does not fit is refused", async () => {
  const { here, letter, olga } = await aLetter();
  const which = await olga.click(letter, withValues(letter));
  const [first = "", second = ""] = controlsOf(which.original as StoredMessage);
  expect(second).not.toBe("");
  const form = await olga.click(which.original as StoredMessage, first);
  expect(form.response?.type).toBe(InteractionResponseType.Modal);
  expect(JSON.stringify(form.response)).toContain("What had succeeded is kept");
  const refused = await olga.submit(form, { days: "900", b: "30", c: "30", d: "30" });
  await eventually(() => expect(answerText(refused)).toContain("90"));
  const { runs } = await here.plane().agent.runs({ limit: 1, offset: 0 });
  expect(runs[0]?.status).toBe("dead_letter");

  await olga.submit(form, { days: "7", b: "30", c: "30", d: "30" });
  await eventually(async () => {
    here.plane().clock.advance(1000);
    const run = (await here.plane().agent.document(runs[0]?.runId ?? ""))?.run;
    expect(run).toMatchObject({ redriveArgs: { days: 7 }, redrives: 1, status: { kind: "completed" } });
  });
  await eventually(() => expect(controlsOf(letter)).toEqual([]));
  expect(textOf(letter)).toContain("Sent back to work");
  const late = await olga.submit(form, { days: "7" });
  await eventually(() => expect(answerText(late)).toContain("Sent back to work"));
});

test("who may neither retry nor discard gets no form and is told at once who may", async () => {
  const { here, letter, ada } = await aLetter();
  for (const id of [withValues(letter), controlsOf(letter).find((each) => each.includes(".drop.")) ?? ""]) {
    const refused = await ada.click(letter, id);
    expect(refused.response?.type).toBe(InteractionResponseType.ChannelMessageWithSource);
    expect(answerText(refused)).toContain("olga");
  }
  expect((await here.plane().agent.runs({ limit: 1, offset: 0 })).runs[0]?.status).toBe("dead_letter");
});
