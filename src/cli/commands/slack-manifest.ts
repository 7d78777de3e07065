import { slackManifest } from "../../../adapters/slack/manifest.ts";
import { InputError } from "../../errors.ts";
import { configOf, translatorOf, type CommonOptions } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { CliWorld } from "../world.ts";

/** The manifest of the Slack app on standard output, and the steps beside it on standard error: it can be piped. */
export function printSlackManifest(world: CliWorld, options: CommonOptions & { readonly url?: string }): ExitCode {
  const config = configOf(world, options);
  const language = config.ok && config.settings.language !== "auto" ? config.settings.language : undefined;
  const words = translatorOf(options.language, language, world);
  const { url } = options;
  if (url !== undefined && !/^https:\/\/\S+$/.test(url)) {
    throw new InputError("slack.bad_url", words.t("slack.manifest.bad_url", { came: url.slice(0, 200) }));
  }
  const manifest = slackManifest(
    {
      description: words.t("slack.manifest.description"),
      usage: words.t("slack.manifest.usage"),
      runMessage: words.t("slack.manifest.run_message"),
      runStatus: words.t("slack.manifest.run_status"),
    },
    url,
  );
  world.out(`${JSON.stringify(manifest, undefined, 2)}\n`);
  if (options.json !== true)
    world.err(`${words.t(url === undefined ? "slack.manifest.steps" : "slack.manifest.steps_http")}\n`);
  return EXIT.completed;
}
