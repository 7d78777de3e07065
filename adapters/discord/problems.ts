import { DiscordAPIError, HTTPError, RateLimitError, RESTJSONErrorCodes } from "discord.js";
import { BusyError, CoxswainError, messageOf } from "../../src/errors.ts";

/** Discord's JSON error codes that change what is done next. */
export const CODES = {
  unknownChannel: RESTJSONErrorCodes.UnknownChannel as number,
  missingAccess: RESTJSONErrorCodes.MissingAccess as number,
  missingPermissions: RESTJSONErrorCodes.MissingPermissions as number,
  unknownMessage: RESTJSONErrorCodes.UnknownMessage as number,
  unknownInteraction: RESTJSONErrorCodes.UnknownInteraction as number,
  alreadyAcknowledged: RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged as number,
  expiredToken: RESTJSONErrorCodes.InvalidWebhookToken as number,
  invalidForm: RESTJSONErrorCodes.InvalidFormBodyOrContentType as number,
  archived: RESTJSONErrorCodes.InvalidActionOnArchivedThread as number,
  threadExists: RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage as number,
  tooManyEdits: RESTJSONErrorCodes.MaximumNumberOfEditsToMessagesOlderThanOneHourReached as number,
};

/** The JSON error code of Discord's answer; undefined where it gave none. */
export function codeOf(error: unknown): number | undefined {
  return error instanceof DiscordAPIError && typeof error.code === "number" ? error.code : undefined;
}

/** Did Discord certainly not take the call? Otherwise it may have, and its answer was lost. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RateLimitError || (error instanceof DiscordAPIError && error.status < 500);
}

/** How long old messages' edits are left alone after Discord has refused one (30046). */
const OLD_EDITS_MS = 6000;

/** What the core is told of a delivery that failed: when to come back, or that it did not arrive. */
export function deliveryError(error: unknown): CoxswainError {
  if (error instanceof CoxswainError) return error;
  if (error instanceof RateLimitError) {
    return new BusyError("discord.rate_limit", "Discord takes no more messages in this channel now.", error.retryAfter);
  }
  if (codeOf(error) === CODES.tooManyEdits) {
    return new BusyError("discord.old_edits", "Discord takes few edits of messages older than an hour.", OLD_EDITS_MS);
  }
  const status = error instanceof DiscordAPIError || error instanceof HTTPError ? ` (HTTP ${error.status})` : "";
  return new CoxswainError("discord.not_delivered", `Discord did not take a message${status}: ${messageOf(error)}`, {
    retryable: true,
    cause: error,
  });
}
