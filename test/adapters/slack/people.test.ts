import { afterEach, describe, expect, test } from "vitest";
import type { Role } from "../../../src/contracts/role.ts";
import { rolesFrom, rolesWith, type RolesOf } from "../../../src/metaagent/authorize.ts";
import { whoMayFrom } from "../../../src/metaagent/who-may.ts";
import { buttonsOf, cardIn, textOf } from "../../fakes/slack/shown.ts";
import type { FakeMessage } from "../../fakes/slack/world.ts";
import { aSlack, HOME, type SlackPlane } from "../../fixtures/slack.ts";

const planes: SlackPlane[] = [];
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.close()));
});

const NOBODY: Record<Role, string[]> = { requester: [], approver: [], operator: [], admin: [] };

async function here(
  roles: Partial<Record<Role, string[]>>,
  ...more: [Parameters<typeof aSlack>[1]?]
): Promise<SlackPlane> {
  let plane: SlackPlane | undefined;
  const given = rolesFrom({ ...NOBODY, ...roles });
  const rolesOf: RolesOf = rolesWith(given, (actor) => plane?.connection().membershipsOf(actor) ?? []);
  const whoMay = whoMayFrom({ ...NOBODY, ...roles }, ({ user }) => plane?.connection().nameOf(user));
  plane = await aSlack({ rolesOf, whoMay }, ...more);
  planes.push(plane);
  return plane;
}

const isOpen = (message: FakeMessage) => cardIn(message)?.kind === "decision" && buttonsOf(message).length > 0;
const told = (plane: SlackPlane, user: string) => plane.message(HOME, ({ onlyFor }) => onlyFor === user);

async function press(plane: SlackPlane, user: string): Promise<void> {
  const card = await plane.message(HOME, isOpen);
  const action = buttonsOf(card).find(({ meaning }) => meaning === "decision.recommended")?.actionId ?? "";
  await plane.slack.click(user, card, action);
}

async function ask(plane: SlackPlane, user: string): Promise<void> {
  await plane.slack.say(user, HOME, `<@${plane.slack.bot.user}> run please check the house for us`);
}

describe("who may do what", () => {
  test("a group in the settings gives its members its roles, and takes them with the membership", async () => {
    const plane = await here(
      { requester: ["slack:U0ADA"], approver: ["slack:group:S0LEADS"] },
      { groups: ["S0LEADS"] },
    );
    const { slack } = plane;
    slack.users.set("U0ADA", { name: "Ada" });
    slack.users.set("U0CLEO", { name: "Cleo" });
    await ask(plane, "U0ADA");
    await press(plane, "U0CLEO");
    expect(textOf((await told(plane, "U0CLEO")).blocks)).toContain("approver");
    slack.groups.set("S0LEADS", ["U0CLEO"]);
    await slack.deliver("events_api", {
      type: "event_callback",
      event_id: "Ev0",
      team_id: slack.bot.team,
      event: { type: "subteam_members_changed", subteam_id: "S0LEADS" },
    });
    await press(plane, "U0CLEO");
    const answered = await plane.message(
      HOME,
      (message) => cardIn(message)?.kind === "decision" && buttonsOf(message).length === 0,
    );
    expect(textOf(answered.blocks)).toContain("Cleo");
  });

  test("an unauthorized click is told, alone, who may, and nobody is pinged by it", async () => {
    const plane = await here(
      { requester: ["slack:U0ADA"], approver: ["slack:U0OLGA", "slack:group:S0LEADS"], admin: ["slack:U0LOST"] },
      { named: ["U0ADA", "U0OLGA", "U0LOST"], groups: ["S0LEADS"] },
    );
    plane.slack.users.set("U0ADA", { name: "Ada" });
    plane.slack.users.set("U0CLEO", { name: "Cleo" });
    plane.slack.users.set("U0OLGA", { name: "<!channel> Olga *the* <@U0ADA>" });
    plane.slack.groups.set("S0LEADS", []);
    await plane.restart();
    await plane.until(() => plane.connection().nameOf("group:S0LEADS"));
    await ask(plane, "U0ADA");
    await press(plane, "U0CLEO");
    const note = await told(plane, "U0CLEO");
    const text = textOf(note.blocks);
    expect(text).toContain("Ada, <!channel> Olga *the* <@U0ADA>, @handle-of-S0LEADS, U0LOST");
    // As text of rich text it is never read as markup, and beside the blocks it is escaped.
    expect(JSON.stringify(note.blocks)).not.toMatch(/"type":"(user|usergroup|broadcast|link|mrkdwn)"/u);
    expect(note.text).not.toMatch(/<[!@]/u);
  });

  test.each([
    ["a guest", { name: "Gus", guest: true }, "Guests"],
    ["somebody of another organization", { name: "Eve", team: "T0OTHER" }, "other organizations"],
    ["a bot", { name: "Robot", bot: true }, "Bots"],
  ])("%s may do nothing, whatever role a pattern gives", async (_, user, words) => {
    const plane = await here({ admin: ["slack:*"] });
    plane.slack.users.set("U0ADA", { name: "Ada" });
    plane.slack.users.set("U0X", user);
    await ask(plane, "U0X");
    expect(textOf((await told(plane, "U0X")).blocks)).toContain(words);
    expect((await plane.plane().agent.runs({ limit: 1, offset: 0 })).total).toBe(0);
    await ask(plane, "U0ADA");
    await press(plane, "U0X");
    await plane.connection().idle();
    const [run] = (await plane.plane().agent.runs({ limit: 1, offset: 0 })).runs;
    expect(run?.status).not.toBe("completed");
    const command = await plane.slack.command("U0X", HOME, "run please check the house");
    expect(String(command.ack?.payload["text"])).toContain(words);
  });

  test("settings can let guests and other organizations in", async () => {
    const plane = await here({ admin: ["slack:*"] }, { allow: { guests: true, externals: true } });
    plane.slack.users.set("U0GUS", { name: "Gus", guest: true });
    plane.slack.users.set("U0EVE", { name: "Eve", team: "T0OTHER" });
    await ask(plane, "U0GUS");
    await press(plane, "U0EVE");
    const result = await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
    expect(textOf(result.blocks)).not.toContain("Canceled by");
  });

  test("whom Slack does not know may do nothing, and is asked about again next time", async () => {
    const plane = await here({ admin: ["slack:*"] });
    await ask(plane, "U0LATE");
    expect(textOf((await told(plane, "U0LATE")).blocks)).toContain("did not say who you are");
    plane.slack.users.set("U0LATE", { name: "Late" });
    await ask(plane, "U0LATE");
    await plane.message(HOME, isOpen);
  });
});
