import {
  InteractionResponseType,
  MessageFlags,
  Routes,
  type APIInteractionResponse,
  type APIModalInteractionResponseCallbackData,
  type REST,
  type RESTPostAPIInteractionCallbackWithResponseResult,
} from "discord.js";
import { CoxswainError, messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import type { DiscordApi } from "./api.ts";
import { LIMITS } from "./limits.ts";
import type { Interaction } from "./payload.ts";
import { CODES, codeOf } from "./problems.ts";
import type { Sheet } from "./sheet.ts";

/** The answer to one interaction: acknowledged once, within 3 s; more may follow for 15 minutes. */
export interface Answer {
  /** Redraws the message whose control was used. False where nobody could be answered. */
  update(sheet: Sheet): Promise<boolean>;
  /** Says something: to the person alone, or to all. Resolves with the message's id where Discord tells it. */
  tell(sheets: readonly Sheet[], to?: "person" | "all"): Promise<string | undefined>;
  /** Puts other words in place of what was told first. */
  replace(sheets: readonly Sheet[]): Promise<void>;
  /** Takes back what was told to all; what is told then is told to the person alone. */
  withdraw(): Promise<void>;
  /** Something follows in a moment; to the person alone. */
  defer(): Promise<void>;
  /** Nothing to say: the message is redrawn elsewhere. */
  pass(): Promise<void>;
  form(form: APIModalInteractionResponseCallbackData): Promise<void>;
  choices(choices: readonly { readonly name: string; readonly value: string }[]): Promise<void>;
}

export interface AnswerParts {
  /** With the bot's token and the library's own retries. */
  readonly rest: REST;
  /** For first answers: without retries, so that "acknowledged already" can be told from "acknowledged by others". */
  readonly acks: REST;
  /** For what follows: without retries too, since Discord shows anew what it took and answered with an error. */
  readonly followUps: REST;
  readonly api: DiscordApi;
  readonly clock: Clock;
  readonly log: Log;
  /** Somebody else has answered what only this process can have been asked: another bot uses the token. */
  readonly onTaken: () => void;
  /** Discord took this process's answer as the first: another bot with the token would notice it, and stop. */
  readonly onFirst: () => void;
}

type State =
  | { readonly is: "open" }
  /** `original`: the message that was told, where it is known and everybody sees it. */
  | { readonly is: "answered"; readonly deferred: boolean; readonly original: string | undefined }
  | { readonly is: "lost" };

/** A first answer is tried so often, where it is not known whether it arrived. */
const ATTEMPTS = 3;
const SILENT = { parse: [] };

export function createAnswer(parts: AnswerParts, interaction: Interaction): Answer {
  const { rest, followUps, api, clock, log } = parts;
  const { id, token, applicationId } = interaction;
  const beganAt = clock.now();
  const place = interaction.thread ?? interaction.channel;
  let state: State = { is: "open" };
  let told = 0;

  const acknowledge = async (
    response: APIInteractionResponse,
    deferred: boolean,
    isPublic: boolean,
  ): Promise<boolean> => {
    const outcome = await sendAck(parts, id, token, response);
    if (outcome.kind === "done") {
      parts.onFirst();
      state = { is: "answered", deferred, original: isPublic ? outcome.message : undefined };
      return true;
    }
    state = { is: "lost" };
    log.warn({ interaction: id, outcome: outcome.kind }, "an interaction could not be answered");
    if (outcome.kind !== "taken") return false;
    parts.onTaken();
    // Whoever asked must not go on: the other bot does what was asked for.
    throw new CoxswainError("discord.taken", "Another bot answered, which uses the same token.");
  };
  /** After 15 minutes the token is void; what all see can still be written with the bot's own token. */
  const withToken = async (work: () => Promise<unknown>, instead: () => Promise<unknown>): Promise<void> => {
    try {
      if (clock.now() - beganAt > LIMITS.tokenMs) await instead();
      else await work();
    } catch (error) {
      if (codeOf(error) === CODES.expiredToken) await instead();
      else log.warn({ interaction: id, err: messageOf(error) }, "an answer did not arrive");
    }
  };
  const original = (sheet: Sheet): Promise<void> => {
    const known = state.is === "answered" ? state.original : undefined;
    return withToken(
      () =>
        rest.patch(Routes.webhookMessage(applicationId, token, "@original"), { body: bodyOf(sheet, 0), auth: false }),
      async () => (known === undefined ? undefined : api.edit(place, known, sheet)),
    );
  };
  const followUp = (sheet: Sheet, flags: number): Promise<void> =>
    withToken(
      () => followUps.post(Routes.webhook(applicationId, token), { body: bodyOf(sheet, flags), auth: false }),
      // What was for one person alone is not told to all.
      async () => (flags === 0 ? api.post(place, `interaction/${id}/${(told += 1)}`, sheet) : undefined),
    );

  return {
    update: (sheet) =>
      acknowledge({ type: InteractionResponseType.UpdateMessage, data: bodyOf(sheet, 0) }, false, false),
    tell: async (sheets, to = "person") => {
      const flags = to === "person" ? MessageFlags.Ephemeral : 0;
      const [first, ...others] = sheets;
      if (first === undefined || state.is === "lost") return undefined;
      if (state.is === "open") {
        const data = bodyOf(first, flags);
        const told = await acknowledge(
          { type: InteractionResponseType.ChannelMessageWithSource, data },
          false,
          to === "all",
        );
        if (!told) return undefined;
      } else if (state.deferred) {
        await original(first);
        state = { ...state, deferred: false };
      } else await followUp(first, flags);
      for (const sheet of others) await followUp(sheet, flags);
      return state.is === "answered" ? state.original : undefined;
    },
    replace: async (sheets) => {
      const [first, ...others] = sheets;
      if (first === undefined || state.is !== "answered") return;
      await original(first);
      for (const sheet of others) await followUp(sheet, MessageFlags.Ephemeral);
    },
    withdraw: async () => {
      const known = state.is === "answered" ? state.original : undefined;
      if (state.is !== "answered") return;
      await withToken(
        () => rest.delete(Routes.webhookMessage(applicationId, token, "@original"), { auth: false }),
        async () => (known === undefined ? undefined : api.remove(place, known)),
      );
      state = { ...state, original: undefined };
    },
    defer: async () => {
      // Components V2 is not valid here; it comes with the answer.
      const data = { flags: MessageFlags.Ephemeral } as const;
      await acknowledge({ type: InteractionResponseType.DeferredChannelMessageWithSource, data }, true, false);
    },
    pass: async () => {
      if (state.is === "open") await acknowledge({ type: InteractionResponseType.DeferredMessageUpdate }, false, false);
    },
    form: async (data) => {
      await acknowledge({ type: InteractionResponseType.Modal, data }, false, false);
    },
    choices: async (choices) => {
      const data = { choices: [...choices] };
      await acknowledge({ type: InteractionResponseType.ApplicationCommandAutocompleteResult, data }, false, false);
    },
  };
}

function bodyOf({ components }: Sheet, flags: number) {
  return { components: [...components], flags: flags | MessageFlags.IsComponentsV2, allowed_mentions: SILENT };
}

type Acknowledged =
  | { readonly kind: "done"; readonly message: string | undefined }
  /** Too late, or the message is gone. */
  | { readonly kind: "expired" }
  | { readonly kind: "taken" }
  | { readonly kind: "failed" };

async function sendAck(
  { acks, log }: AnswerParts,
  id: string,
  token: string,
  body: APIInteractionResponse,
): Promise<Acknowledged> {
  let mayHaveArrived = false;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      const query = new URLSearchParams({ with_response: "true" });
      const result = (await acks.post(Routes.interactionCallback(id, token), { body, query, auth: false })) as
        RESTPostAPIInteractionCallbackWithResponseResult | undefined;
      return { kind: "done", message: result?.resource?.message?.id };
    } catch (error) {
      const code = codeOf(error);
      if (code === CODES.alreadyAcknowledged)
        return mayHaveArrived ? { kind: "done", message: undefined } : { kind: "taken" };
      log.warn({ interaction: id, attempt, code, err: messageOf(error) }, "an interaction was not acknowledged");
      if (code !== undefined && code !== 0) return { kind: code === CODES.unknownInteraction ? "expired" : "failed" };
      mayHaveArrived = true;
    }
  }
  return { kind: "failed" };
}
