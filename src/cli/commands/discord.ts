import { InputError } from "../../errors.ts";
import type { Cli } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { DiscordSetup } from "../world.ts";

/** Prints the link by which the bot is added to a server, with the permissions that it needs and no other. */
export async function discordInvite(cli: Cli): Promise<ExitCode> {
  const url = await (await setupOf(cli)).invite();
  cli.say(url);
  cli.emit({ type: "discord.invite", url });
  return EXIT.completed;
}

/** Registers the slash commands where they differ: in the server of the settings, or in all. */
export async function discordCommands(cli: Cli): Promise<ExitCode> {
  const { translator: words, settings } = cli;
  const { guild } = settings.discord;
  const changed = await (await setupOf(cli)).register(guild);
  const key = changed.length === 0 ? "cli.discord.unchanged" : "cli.discord.registered";
  cli.say(words.t(key, { names: words.list(changed), where: guild ?? "-" }));
  cli.emit({ type: "discord.commands", guild, changed });
  return EXIT.completed;
}

async function setupOf({ world, settings, translator }: Cli): Promise<DiscordSetup> {
  const setup = await world.discord(settings);
  if (setup === undefined) throw new InputError("discord.no_token", translator.t("cli.discord.no_token"));
  return setup;
}
