import { messageOf } from "../../src/errors.ts";
import type { Macro } from "../../src/contracts/macro.ts";
import type { Translator } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
import { createAnswer, type Answer, type AnswerParts } from "./answer.ts";
import { completionsFor } from "./autocomplete.ts";
import { onClick } from "./clicks.ts";
import type { ClickParts } from "./command-click.ts";
import { onMenu, onSlash, type SaidParts } from "./commands-said.ts";
import { LIMITS } from "./limits.ts";
import { onMessage, type MessageParts } from "./messages.ts";
import { readInteraction, readMessage, type Interaction } from "./payload.ts";
import { createRecent } from "./recent.ts";
import { textSheets, wordsFor } from "./words.ts";

export interface RouterParts extends ClickParts, SaidParts, MessageParts, AnswerParts {
  readonly macros: readonly Macro[];
  readonly log: Log;
  readonly botId: () => string;
  /** Is the bot meant for this server? Anybody can add a bot that is public to theirs. */
  readonly serves: (guildId: string, channelId: string) => boolean;
  /** The language that a server prefers. */
  readonly localeOf: (guildId: string) => string | undefined;
  /** A language that the settings fix for everybody. */
  readonly language: string | undefined;
}

/** Takes what the gateway delivers. Each resolves when it is dealt with, and never rejects: nobody could catch it. */
export interface Router {
  interaction(payload: unknown): Promise<void>;
  message(payload: unknown): Promise<void>;
  /** Does nothing any more; what is under way is finished. */
  halt(): void;
}

/** One router for everything, with no state but what it has seen: a control of before a restart works as before. */
export function createRouter(parts: RouterParts): Router {
  const { log, language, people } = parts;
  const seen = createRecent<string, true>(LIMITS.interactionsKept);
  let halted = false;

  /** A resumed connection may deliver again what was delivered. */
  const isNew = (id: string): boolean => {
    if (halted || seen.has(id)) return false;
    seen.set(id, true);
    return true;
  };
  return {
    interaction: async (payload) => {
      const interaction = readInteraction(payload);
      if (interaction === undefined || !isNew(interaction.id)) return;
      const answer = createAnswer(parts, interaction);
      const words = wordsFor(language, interaction.locale);
      people.speaks(interaction.who.id, interaction.locale);
      try {
        if (parts.serves(interaction.guildId, interaction.channel)) await route(parts, interaction, answer);
        else await refuseStranger(interaction, answer, words);
      } catch (error) {
        const { id, kind } = interaction;
        log.error({ interaction: id, kind, err: messageOf(error) }, "an interaction failed");
        await answer.tell(textSheets(words.t("discord.failed"))).catch(() => undefined);
      }
    },
    message: async (payload) => {
      const said = readMessage(payload, parts.botId());
      if (said === undefined || !parts.serves(said.guildId, said.channelId) || !isNew(said.id)) return;
      try {
        await onMessage(parts, said, wordsFor(language, people.localeOf(said.who.id), parts.localeOf(said.guildId)));
      } catch (error) {
        log.error({ message: said.id, err: messageOf(error) }, "a message could not be answered");
      }
    },
    halt: () => {
      halted = true;
    },
  };
}

/** Whoever runs the bot reads here how to let the server in. */
async function refuseStranger({ kind, guildId }: Interaction, answer: Answer, words: Translator): Promise<void> {
  if (kind === "complete") return answer.choices([]);
  await answer.tell(textSheets(words.t("discord.not_served", { guild: guildId })));
}

async function route(parts: RouterParts, interaction: Interaction, answer: Answer): Promise<void> {
  const words = wordsFor(parts.language, interaction.locale);
  switch (interaction.kind) {
    case "slash":
      return onSlash(parts, interaction, answer, words);
    case "menu":
      return onMenu(parts, interaction, answer, words);
    case "complete":
      return answer.choices(await completionsFor(interaction, parts, words));
    case "control":
    case "form":
      return onClick({ parts, click: interaction, answer, words });
    case "unknown":
      await answer.tell(textSheets(words.t("discord.unknown_click")));
  }
}
