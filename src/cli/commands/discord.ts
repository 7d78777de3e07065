import { CoxswainError, InputError, messageOf } from "../../errors.ts";
import type { Cli } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { DiscordSetup } from "../world.ts";

/** Prints the link by which the bot is added to a server, with the permissions that it needs and no other. */
export async function discordInvite(cli: Cli): Promise<ExitCode> {
  const setup = await setupOf(cli);
  const url = await reached(cli, setup.invite());
  cli.say(url);
  cli.emit({ type: "discord.invite", url });
  return EXIT.completed;
}

/** Registers the slash commands where they differ: in the server of the settings, or in all. */
export async function discordCommands(cli: Cli): Promise<ExitCode> {
  const { translator: words, settings } = cli;
  const { guild } = settings.discord;
  const setup = await setupOf(cli);
  const changed = await reached(cli, setup.register(guild));
  const key = changed.length === 0 ? "cli.discord.unchanged" : "cli.discord.registered";
  cli.say(words.t(key, { names: words.list(changed), where: guild ?? "-" }));
  cli.emit({ type: "discord.commands", guild, changed });
  return EXIT.completed;
}

/** An answer of Discord, whatever it says, passes; where none came, its bare reason would tell nobody what to check. */
async function reached<T>({ translator }: Cli, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!hasNoAnswer(error)) throw error;
    const message = translator.t("cli.discord.unreachable", { reason: messageOf(error) });
    throw new CoxswainError("discord.unreachable", message, { retryable: true, cause: error });
  }
}

/** A refused or lost connection, a name that is not found, a certificate: node and undici give these a code in capitals. */
function hasNoAnswer(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "AbortError") return true;
  return "code" in error && typeof error.code === "string" && /^[A-Z][A-Z_0-9]+$/.test(error.code);
}

async function setupOf({ world, settings, translator }: Cli): Promise<DiscordSetup> {
  const setup = await world.discord(settings);
  if (setup === undefined) throw new InputError("discord.no_token", translator.t("cli.discord.no_token"));
  return setup;
}
