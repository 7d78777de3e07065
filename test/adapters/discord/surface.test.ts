import { InteractionResponseType } from "discord-api-types/v10";
import { expect } from "vitest";
import { readCustomId } from "../../../adapters/discord/custom-id.ts";
import type { ButtonAction } from "../../../src/commands/token.ts";
import type { MessageRecord } from "../../../src/contracts/document.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import { answerText, controlsOf, textOf, type Somebody } from "../../fakes/discord/people.ts";
import type { Began } from "../../fakes/discord/rest.ts";
import type { StoredMessage } from "../../fakes/discord/world.ts";
import {
  ROLES_OF_PEOPLE,
  surfaceContract,
  type OpenCard,
  type Person,
  type SurfaceDriver,
} from "../../contracts/surface-contract.ts";
import { aDiscordPlane, type DiscordPlane } from "../../fixtures/discord.ts";
import { eventually } from "../../fixtures/eventually.ts";

surfaceContract("Discord", async () => {
  const people = new Map<string, Person>();
  const rolesOf = ({ user }: { user: string }) => new Set(ROLES_OF_PEOPLE[people.get(user) ?? "guest"]);
  const here = await aDiscordPlane({ rolesOf });
  const person = (who: Person): Somebody => {
    const somebody = here.somebody(who);
    people.set(somebody.user.id, who);
    return somebody;
  };
  const records = async (channel: string, runId: RunId): Promise<MessageRecord[]> => {
    const document = await here.plane().agent.document(runId);
    return Object.values(document?.messages ?? {}).filter((record) => record.channel === channel);
  };
  const messagesOf = (record: MessageRecord): StoredMessage[] =>
    record.message.split("+").flatMap((id) => here.discord.world.messages.get(id) ?? []);
  return {
    channels: { home: here.home, operators: here.operators },
    plane: () => here.plane(),
    start: async (who, goal) => {
      const began = await person(who).slash(here.home, "run", { goal });
      return eventually(() => {
        const id = /run_[a-z0-9]+/u.exec(answerText(began))?.[0];
        if (id === undefined) throw new Error(`no run: ${answerText(began)}`);
        return id;
      });
    },
    card: async (who, channel, runId, kind) => {
      const record = (await records(channel, runId)).findLast((known) => known.card === kind);
      return record === undefined ? undefined : openCard(person(who), messagesOf(record), here);
    },
    cards: async (channel, runId) => {
      const known = await records(channel, runId);
      const place = known[0]?.thread ?? channel;
      const shown = here.discord.world.messagesIn(place).filter(({ author }) => author.bot === true);
      return shown.flatMap(({ id }) => {
        const record = known.find(({ message }) => message.split("+").includes(id));
        // A message that no record knows was posted twice.
        if (record === undefined && place !== channel) throw new Error(`message ${id} belongs to no card`);
        return record?.message.startsWith(id) === true ? [record.card] : [];
      });
    },
    posts: async (channel) => {
      const { runs } = await here.plane().agent.runs({ limit: 100, offset: 0 });
      const ofRuns = (await Promise.all(runs.map(({ runId }) => records(channel, runId)))).flat();
      const ids = new Set(ofRuns.flatMap(({ message }) => message.split("+")));
      return here.discord.world
        .messagesIn(channel)
        .filter(({ id }) => !ids.has(id) && !here.discord.world.threads.has(id))
        .map(textOf);
    },
    pressNonsense: async (who, channel, runId) => {
      const [record] = await records(channel, runId);
      const [message] = record === undefined ? [] : messagesOf(record);
      if (message === undefined) throw new Error("there is no card to press on");
      return wordsOf(await person(who).click(message, "cx9.make.tea"));
    },
    restart: () => here.restart(),
    close: async () => {
      await here.close();
      expect(here.discord.state.violations).toEqual([]);
    },
  } satisfies SurfaceDriver;
});

/** The card as one person has it: what stands on it, and on the pages that its buttons open. */
async function openCard(who: Somebody, messages: readonly StoredMessage[], here: DiscordPlane): Promise<OpenCard> {
  const controls = messages.flatMap((message) =>
    controlsOf(message).map((id) => ({ message, id, means: meaningOf(id) })),
  );
  const pages = await Promise.all(
    controls
      .filter(({ means }) => means === "decision.details")
      .map(async ({ message, id }) => {
        const began = await who.click(message, id);
        await eventually(() => expect(here.discord.world.messages.get(began.original?.id ?? "")).toBeDefined());
        return answerText(began);
      }),
  );
  return {
    text: [...messages.map(textOf), ...pages].join("\n"),
    buttons: [...new Set(controls.flatMap(({ means }) => means ?? []))],
    press: async (button, reason) => {
      const control = controls.find(({ means }) => means === button);
      if (control === undefined) throw new Error(`this card has no button ${button}`);
      const first = await who.click(control.message, control.id);
      if (first.response?.type === InteractionResponseType.Modal)
        return wordsOf(await who.submit(first, { reason: reason ?? "" }));
      const sure =
        first.original === undefined ? undefined : controlsOf(first.original).find((id) => id.endsWith("~sure"));
      if (sure === undefined || first.original === undefined) return settled(first);
      return wordsOf(await who.click(first.original, sure));
    },
  };
}

function meaningOf(customId: string): ButtonAction["action"] | undefined {
  const control = readCustomId(customId);
  return control.kind === "action" ? control.button.action : undefined;
}

async function settled(began: Began): Promise<string> {
  if (began.response?.type === InteractionResponseType.DeferredChannelMessageWithSource) {
    await eventually(() => expect(answerText(began)).not.toBe(""));
  }
  return wordsOf(began);
}

/** A card that was redrawn says it itself. */
function wordsOf(began: Began): string {
  const type = began.response?.type;
  const redrawn =
    type === InteractionResponseType.UpdateMessage || type === InteractionResponseType.DeferredMessageUpdate;
  return redrawn ? began.followUps.map(textOf).join("\n") : answerText(began);
}
