import { expect } from "vitest";
import { RunId } from "../../../src/contracts/id.ts";
import {
  ROLES_OF_PEOPLE,
  surfaceContract,
  type OpenCard,
  type Person,
  type SurfaceDriver,
} from "../../contracts/surface-contract.ts";
import type { FakeMessage } from "../../fakes/slack/world.ts";
import { buttonsOf, cardIn, textOf } from "../../fakes/slack/shown.ts";
import { aSlack, HOME, OPERATORS, type SlackPlane } from "../../fixtures/slack.ts";

const USERS = { starter: "U0ADA", colleague: "U0CLEO", operator: "U0OLGA", guest: "U0GUS" } as const satisfies Record<
  Person,
  string
>;

surfaceContract("Slack", async () => {
  const rolesOf = ({ user }: { user: string }) => {
    const person = (Object.keys(USERS) as Person[]).find((known) => USERS[known] === user);
    return new Set(person === undefined ? [] : ROLES_OF_PEOPLE[person]);
  };
  const here = await aSlack({ rolesOf });
  const { slack } = here;
  for (const [person, id] of Object.entries(USERS)) slack.users.set(id, { name: person });
  /** Cards wait for their turn by the clock. */
  const pass = (): void => here.plane().clock.advance(1200);
  const inThread = (channel: string, runId: string): FakeMessage[] =>
    slack.messages.filter((message) => message.channel === channel && cardIn(message)?.runId === runId);

  return {
    channels: { home: HOME, operators: OPERATORS },
    plane: () => here.plane(),
    start: async (who, goal) => {
      const { ack } = await slack.command(USERS[who], HOME, `run ${goal}`);
      return RunId.parse(/run_[a-z0-9]+/.exec(String(ack?.payload["text"]))?.[0]);
    },
    card: async (who, channel, runId, kind) => {
      pass();
      const message = inThread(channel, runId).findLast((shown) => cardIn(shown)?.kind === kind);
      return message === undefined ? undefined : openCard(here, USERS[who], { ...message });
    },
    cards: async (channel, runId) => {
      pass();
      return inThread(channel, runId).flatMap((message) => cardIn(message)?.kind ?? []);
    },
    posts: async (channel) => {
      pass();
      return slack.messages
        .filter((message) => message.channel === channel && message.thread === undefined)
        .filter((message) => message.onlyFor === undefined && cardIn(message) === undefined)
        .map(({ blocks }) => textOf(blocks));
    },
    pressNonsense: async (who, channel, runId) => {
      const message = inThread(channel, runId)[0];
      if (message === undefined) throw new Error("no card to press nonsense on");
      const blocks = [
        { type: "actions", elements: [{ type: "button", action_id: "cx.do.tea", value: "cx9.make.tea" }] },
      ];
      return pressed(here, USERS[who], () => slack.click(USERS[who], { ...message, blocks }, "cx.do.tea"));
    },
    restart: () => here.restart(),
    close: async () => {
      await here.close();
      // Whatever a test was about: nothing that was sent may be refused by Slack.
      expect(slack.problems).toEqual([]);
    },
  } satisfies SurfaceDriver;
});

/** The message, and the form behind [Answer…], which is where the options stand with all that is said about them. */
async function openCard(here: SlackPlane, user: string, message: FakeMessage): Promise<OpenCard> {
  const { slack } = here;
  const shown = buttonsOf(message);
  const answer = shown.find(({ actionId }) => actionId === "cx.answer");
  let form = "";
  if (answer !== undefined && slack.users.get(user)?.name !== "guest") {
    const before = slack.views.length;
    await slack.click(user, message, "cx.answer");
    await here.connection().idle();
    form = slack.views
      .slice(before)
      .map(({ view }) => textOf(view))
      .join("\n");
  }
  return {
    text: `${textOf(message.blocks)}\n${form}`,
    buttons: shown.flatMap(({ meaning }) => meaning ?? []),
    press: (button, reason) => {
      const found = shown.find(({ meaning }) => meaning === button);
      if (found === undefined) throw new Error(`this card has no button ${button}`);
      return pressed(here, user, async () => {
        const before = slack.views.length;
        await slack.click(user, message, found.actionId);
        if (button !== "dead_letter.discard") return;
        await here.connection().idle();
        const view = slack.views.slice(before).find((opened) => opened.user === user);
        if (view !== undefined) await slack.submit(view, { reason: { value: reason ?? "" } });
      });
    },
  };
}

/** What this person alone is told of it. */
async function pressed(here: SlackPlane, user: string, press: () => Promise<unknown>): Promise<string> {
  const before = here.slack.messages.length;
  await press();
  await here.connection().idle();
  return here.slack.messages
    .slice(before)
    .filter(({ onlyFor }) => onlyFor === user)
    .map(({ blocks }) => textOf(blocks))
    .join("\n");
}
