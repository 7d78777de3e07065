import { systemClock } from "../adapters/clock/system-clock.ts";
import { connectSlack } from "../adapters/slack/connect.ts";
import { slackTokensOf, type Environment, type ResolvedSettings } from "./config.ts";
import type { Log } from "./log.ts";
import type { ConnectedSurface } from "./ports.ts";

/** Every chat platform that the bot has tokens for. What cannot be reached now is tried again while the bot runs. */
export async function connectSurfaces(
  settings: ResolvedSettings,
  environment: Environment,
  log: Log,
): Promise<ConnectedSurface[]> {
  const slack = await slackOf(settings, environment, log);
  return slack === undefined ? [] : [slack];
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
    log.error({ mode }, "Slack is not connected: a token is missing; see “coxswain doctor”");
    return undefined;
  }
  return connectSlack({
    botToken,
    by: mode === "socket" ? { mode, appToken: missing } : { mode, signingSecret: missing, host, port },
    apiUrl,
    notice,
    allow: { guests, externals },
    groups: slackGroupsIn(settings),
    channels: settings.channels,
    language: settings.language === "auto" ? undefined : settings.language,
    stateRoot: settings.stateRoot,
    clock: systemClock,
    log,
  });
}

/** User groups that some role is given to, as `slack:group:S0123`. */
function slackGroupsIn({ roles }: Pick<ResolvedSettings, "roles">): string[] {
  const named = Object.values(roles).flatMap((patterns) =>
    patterns.flatMap((pattern) => /^slack:group:([A-Z0-9]+)$/.exec(pattern)?.[1] ?? []),
  );
  return [...new Set(named)];
}
