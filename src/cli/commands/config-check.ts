import { tokenProblem } from "../../../adapters/control/api-token.ts";
import { apiTokenOf, type LoadedConfig } from "../../config.ts";
import { messageOf } from "../../errors.ts";
import { configOf, translatorOf, type CommonOptions } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { CliWorld } from "../world.ts";

/** Every effective setting and who said so, or every problem with its place. */
export async function checkConfig(world: CliWorld, options: CommonOptions): Promise<ExitCode> {
  const config = configOf(world, options);
  const problems = config.ok
    ? [...problemsHere(world, config), ...(await problemsOfCatalog(() => world.macros(config.settings)))]
    : config.problems;
  const language = config.ok && config.settings.language !== "auto" ? config.settings.language : undefined;
  const words = translatorOf(options.language, language, world);
  const json = options.json ?? false;
  if (config.ok) {
    for (const { name, value, source } of config.origins) {
      const shown = JSON.stringify(value);
      world.out(
        `${json ? JSON.stringify({ type: "setting", name, value, source }) : `${name} = ${shown}  (${source})`}\n`,
      );
    }
  }
  if (json) world.out(`${JSON.stringify({ type: "config.checked", valid: problems.length === 0, problems })}\n`);
  if (problems.length === 0) {
    if (!json) world.out(`${words.t("config.valid")}\n`);
    return EXIT.completed;
  }
  world.err(`${[words.t("config.invalid", { count: problems.length }), ...problems].join("\n")}\n`);
  return EXIT.usage;
}

/** What is well-formed, and does not fit what is there. */
function problemsHere(world: CliWorld, { settings, origins }: Extract<LoadedConfig, { ok: true }>): string[] {
  const token = apiTokenOf(world.environment);
  const weak = token === undefined ? undefined : tokenProblem("COXSWAIN_API_TOKEN", token);
  const source = origins.find(({ name }) => name === "configFolders")?.source ?? "configFolders";
  const missing = settings.configFolders.filter((folder) => !world.isFolder(folder));
  return [
    ...(weak === undefined ? [] : [weak]),
    ...missing.map((folder) => `${source}: configFolders: ${folder} is no folder`),
  ];
}

async function problemsOfCatalog(load: () => Promise<unknown>): Promise<string[]> {
  try {
    await load();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
