import { z } from "zod";
import { fail, ok, warn, type Check } from "../../src/contracts/check.ts";
import { raw, type Text } from "../../src/contracts/text.ts";
import { messageOf } from "../../src/errors.ts";
import { keyed } from "../../src/i18n.ts";
import { BOT_SCOPES } from "./manifest.ts";
import { withoutTokens } from "./quiet-logger.ts";

export interface SlackDoctorInput {
  readonly mode: "socket" | "http";
  readonly apiUrl: string;
  readonly tokens: {
    readonly botToken: string | undefined;
    readonly appToken: string | undefined;
    readonly signingSecret: string | undefined;
  };
  /** Channels of Slack that the settings name. */
  readonly channels: readonly string[];
  readonly now: () => number;
}

const LIMIT_MS = 10_000;
/** Signatures and retries lose their meaning where the clocks are further apart. */
const SKEW_MS = 120_000;

/** Tokens, rights, channels, connection and clock; each line says what to mend. Nothing is posted. */
export async function checkSlack(input: SlackDoctorInput): Promise<Check[]> {
  const { botToken, appToken, signingSecret } = input.tokens;
  const missing = [
    ...(botToken === undefined ? ["COXSWAIN_SLACK_BOT_TOKEN"] : []),
    ...(input.mode === "socket" && appToken === undefined ? ["COXSWAIN_SLACK_APP_TOKEN"] : []),
    ...(input.mode === "http" && signingSecret === undefined ? ["COXSWAIN_SLACK_SIGNING_SECRET"] : []),
  ];
  const tokens = missing.map((name) =>
    fail("slack_token", keyed("slack.doctor.token.missing", { name }), keyed("slack.doctor.token.mend")),
  );
  const [rights, channels, socket] = await Promise.all([
    botToken === undefined ? [] : checkBot(input, botToken),
    botToken === undefined ? [] : checkChannels(input, botToken),
    input.mode === "socket" && appToken !== undefined ? checkSocket(input, appToken) : [],
  ]);
  return [...tokens, ...rights, ...channels, ...socket];
}

const Self = z.object({ team: z.string().default("?"), user: z.string().default("?") });

async function checkBot(input: SlackDoctorInput, token: string): Promise<Check[]> {
  try {
    const { body, headers } = await call(input, "auth.test", token, {});
    const { team, user } = Self.parse(body);
    const granted = (headers.get("x-oauth-scopes") ?? "").split(/\s*,\s*/).filter((scope) => scope !== "");
    const lacking = BOT_SCOPES.filter((scope) => !granted.includes(scope));
    return [
      ok("slack_token", keyed("slack.doctor.token", { team, user })),
      granted.length > 0 && lacking.length > 0
        ? fail(
            "slack_scopes",
            keyed("slack.doctor.scopes.missing", { scopes: lacking.join(", ") }),
            keyed("slack.doctor.scopes.mend"),
          )
        : ok("slack_scopes", keyed("slack.doctor.scopes", { count: BOT_SCOPES.length })),
      ...checkClock(input, headers.get("date")),
    ];
  } catch (error) {
    return [fail("slack_token", reasonOf(error), keyed("slack.doctor.token.mend"))];
  }
}

function checkClock({ now }: SlackDoctorInput, date: string | null): Check[] {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return [];
  const seconds = Math.round(Math.abs(now() - theirs) / 1000);
  const text = keyed("slack.doctor.clock", { seconds });
  return [seconds * 1000 <= SKEW_MS ? ok("slack_clock", text) : fail("slack_clock", text, keyed("doctor.clock.mend"))];
}

const Channel = z.object({
  channel: z.object({ name: z.string().default("?"), is_member: z.boolean().default(false) }),
});

async function checkChannels(input: SlackDoctorInput, token: string): Promise<Check[]> {
  return Promise.all(
    [...new Set(input.channels)].map(async (channel) => {
      const mend = keyed("slack.doctor.channel.mend");
      try {
        const { body } = await call(input, "conversations.info", token, { channel });
        const { name, is_member } = Channel.parse(body).channel;
        const text = keyed(is_member ? "slack.doctor.channel" : "slack.doctor.channel.outside", { channel, name });
        return is_member ? ok("slack_channel", text) : warn("slack_channel", text, mend);
      } catch (error) {
        return warn("slack_channel", keyed("slack.doctor.channel.failed", { channel, reason: reasonOf(error) }), mend);
      }
    }),
  );
}

async function checkSocket(input: SlackDoctorInput, token: string): Promise<Check[]> {
  try {
    const { body } = await call(input, "apps.connections.open", token, {});
    await greeted(z.object({ url: z.string() }).parse(body).url);
    return [ok("slack_socket", keyed("slack.doctor.socket"))];
  } catch (error) {
    return [
      fail(
        "slack_socket",
        keyed("slack.doctor.socket.failed", { reason: reasonOf(error) }),
        keyed("slack.doctor.socket.mend"),
      ),
    ];
  }
}

/** Opens the connection as the bot would, and waits for Slack's greeting. */
async function greeted(url: string): Promise<void> {
  const socket = new WebSocket(url);
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("no greeting within 10 s")), LIMIT_MS);
      socket.addEventListener("message", (message) => {
        if (String(message.data).includes('"hello"')) resolve();
      });
      socket.addEventListener("error", () => reject(new Error("the connection was refused")));
      socket.addEventListener("close", () => reject(new Error("the connection was closed")));
    });
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

async function call(
  { apiUrl }: SlackDoctorInput,
  method: string,
  token: string,
  args: Record<string, string>,
): Promise<{ readonly body: unknown; readonly headers: Headers }> {
  const response = await fetch(new URL(method, apiUrl), {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams(args),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const body: unknown = await response.json();
  const answer = z.object({ ok: z.boolean(), error: z.string().optional() }).parse(body);
  if (!answer.ok) throw new Error(`${method}: ${answer.error ?? "refused"}`);
  return { body, headers: response.headers };
}

function reasonOf(error: unknown): Text {
  return raw(withoutTokens(messageOf(error)));
}
