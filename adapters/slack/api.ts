import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from "@slack/web-api";
import type { z } from "zod";
import { BusyError, CoxswainError, messageOf, parseAtDoor } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Rate } from "./limits.ts";
import type { Pace } from "./pace.ts";
import { quietLogger } from "./quiet-logger.ts";

/** Slack answered, and said no; `problem` is its code, such as `channel_not_found`. */
export class SlackRefusal extends CoxswainError {
  readonly problem: string;

  constructor(method: string, problem: string, details: readonly string[]) {
    const more = details.length === 0 ? "" : ` (${details.join("; ")})`;
    super("slack.refused", `Slack refused ${method}: ${problem}${more}.`, { retryable: TRANSIENT.has(problem) });
    this.name = "SlackRefusal";
    this.problem = problem;
  }
}

/** No answer, or none that says what became of the call: it may have arrived or not. */
export class SlackSilence extends CoxswainError {
  constructor(method: string, reason: string) {
    super("slack.silent", `Slack did not answer ${method}: ${reason}.`, { retryable: true });
    this.name = "SlackSilence";
  }
}

/** Slack's own troubles, in the words of its reference. */
const TRANSIENT = new Set(["internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"]);

/** The token is of no use, in the words of its reference. */
const TOKEN = new Set(["account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"]);

export interface SlackApi {
  /**
   * One call, never repeated by the client: it would post twice (slackapi/node-slack-sdk, ten retries on any lost
   * answer). Throws BusyError, SlackRefusal or SlackSilence.
   */
  call<S extends z.ZodType>(
    method: string,
    args: Record<string, unknown>,
    how: { readonly rate: Rate; readonly lane?: string; readonly answer: S },
  ): Promise<z.output<S>>;
  /** Sends the bytes of a file to the address that Slack gave for them. */
  upload(url: string, content: Buffer): Promise<void>;
}

export interface ApiOptions {
  readonly token: string;
  readonly apiUrl: string;
  readonly pace: Pace;
  readonly log: Log;
  /** How long an answer may take. */
  readonly timeoutMs: number;
  /** Slack does not take the token (any more); `problem` is its code. */
  readonly onTokenRefused: (problem: string) => void;
}

/** How every client of Slack's library is made here: no retries, no pause of all calls after one 429, no tokens in logs. */
export function clientOptions({
  apiUrl,
  log,
  timeoutMs,
}: Omit<ApiOptions, "pace" | "token" | "onTokenRefused">): WebClientOptions {
  return {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    timeout: timeoutMs,
    rejectRateLimitedCalls: true,
    logger: quietLogger(log),
  };
}

export function createSlackApi(options: ApiOptions): SlackApi {
  const { token, pace } = options;
  const client = new WebClient(token, clientOptions(options));
  return {
    call: async (method, args, { rate, lane = "", answer }) => {
      try {
        return parseAtDoor(answer, await client.apiCall(method, args), `Slack's answer to ${method}`);
      } catch (error) {
        const failure = failureOf(error, method, (retryAfterMs) => pace.limited(rate, lane, retryAfterMs));
        if (failure instanceof SlackRefusal && TOKEN.has(failure.problem)) options.onTokenRefused(failure.problem);
        throw failure;
      }
    },
    upload: async (url, content) => {
      const signal = AbortSignal.timeout(options.timeoutMs);
      const body = new Uint8Array(content);
      const sent = await fetch(url, { method: "POST", body, signal }).catch((error: unknown) => {
        throw new SlackSilence("the upload", messageOf(error));
      });
      if (!sent.ok) throw new SlackSilence("the upload", `status ${sent.status}`);
    },
  };
}

function failureOf(error: unknown, method: string, limited: (retryAfterMs: number) => void): unknown {
  if (error instanceof WebAPIRateLimitedError) {
    const retryAfterMs = Math.max(1, error.retryAfter) * 1000;
    limited(retryAfterMs);
    return new BusyError("slack.busy", `Slack limits ${method} for ${error.retryAfter} s.`, retryAfterMs);
  }
  if (error instanceof WebAPIPlatformError) {
    return new SlackRefusal(method, error.data.error, error.data.response_metadata?.messages ?? []);
  }
  if (error instanceof WebAPIHTTPError) return new SlackSilence(method, `status ${error.statusCode}`);
  if (error instanceof WebAPIRequestError) return new SlackSilence(method, error.original.message);
  return error;
}
