import { systemClock } from "../adapters/clock/system-clock.ts";
import { createRunFiles } from "../adapters/engine/embedded/run-files.ts";
import { discordTokenOf, slackTokensOf, type Environment, type ResolvedSettings } from "./config.ts";
import type { Log } from "./log.ts";
import type { ConnectedSurface } from "./ports.ts";

/** Every chat platform that the bot has tokens for. What cannot be reached now is tried again while the bot runs. */
export async function connectSurfaces(
  settings: ResolvedSettings,
  environment: Environment,
  log: Log,
): Promise<ConnectedSurface[]> {
  const [slack, discord] = await Promise.all([
    slackOf(settings, environment, log),
    discordOf(settings, environment, log),
  ]);
  return [slack, discord].filter((connected) => connected !== undefined);
}

async function discordOf(
  settings: ResolvedSettings,
  environment: Environment,
  log: Log,
): Promise<ConnectedSurface | undefined> {
  const token = discordTokenOf(environment);
  if (token === undefined) return undefined;
  // The library is large: it is loaded only where it is used.
  const { connectDiscord } = await import("../adapters/discord/connect.ts");
  const { stateRoot, channels, operatorChannels, language, discord } = settings;
  return connectDiscord({
    token,
    api: discord.apiUrl,
    messageContent: discord.messageContent,
    guild: discord.guild,
    stateRoot,
    channels,
    operatorChannels,
    language: language === "auto" ? undefined : language,
    files: createRunFiles(stateRoot),
    clock: systemClock,
    log,
  });
}

async function slackOf(
  settings: ResolvedSettings,
  environment: Environment,
  log: Log,
): Promise<ConnectedSurface | undefined> {
  const { botToken, appToken, signingSecret } = slackTokensOf(environment);
  const { mode, host, port, notice, guests, externals, apiUrl } = settings.slack;
  if (botToken === undefined) return undefined;
  const missing = mode === "socket" ? appToken : signingSecret;
  if (missing === undefined) {
    log.error({ mode }, "Slack is not connected: a token is missing; see “npm run -s coxswain -- doctor”");
    return undefined;
  }
  const { connectSlack } = await import("../adapters/slack/connect.ts");
  return connectSlack({
    botToken,
    by: mode === "socket" ? { mode, appToken: missing } : { mode, signingSecret: missing, host, port },
    apiUrl,
    notice,
    allow: { guests, externals },
    ...slackHoldersIn(settings),
    channels: settings.channels,
    language: settings.language === "auto" ? undefined : settings.language,
    stateRoot: settings.stateRoot,
    clock: systemClock,
    log,
  });
}

/** User groups and users that some role is given to, as `slack:group:S0123` and `slack:U0123`. */
function slackHoldersIn({ roles }: Pick<ResolvedSettings, "roles">): { groups: string[]; named: string[] } {
  const all = Object.values(roles).flat();
  const fitting = (form: RegExp): string[] => [...new Set(all.flatMap((pattern) => form.exec(pattern)?.[1] ?? []))];
  return { groups: fitting(/^slack:group:([A-Z0-9]+)$/), named: fitting(/^slack:([UW][A-Z0-9]+)$/) };
}
