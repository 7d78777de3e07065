import { join } from "node:path";
import {
  folderOfUser,
  isInsideWorker,
  languageOfEnvironment,
  loadConfig,
  type LoadedConfig,
  type ResolvedSettings,
  type SettingOrigin,
} from "../config.ts";
import type { Actor } from "../contracts/id.ts";
import { RunId as RunIdSchema } from "../contracts/id.ts";
import type { RunView } from "../contracts/view.ts";
import { setAsideWords } from "../commands/set-aside.ts";
import { InputError } from "../errors.ts";
import { FALLBACK_LANGUAGE, translatorFor, type Translator } from "../i18n.ts";
import { shellWord } from "../shell-word.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import type { Session } from "./session.ts";
import type { CliWorld } from "./world.ts";

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly stateRoot?: string;
  readonly language?: string;
  readonly profile?: string;
  readonly config?: string;
}

/** What a command works with: the world, the settings, and one way to speak. */
export interface Cli {
  readonly world: CliWorld;
  readonly settings: ResolvedSettings;
  readonly origins: readonly SettingOrigin[];
  readonly translator: Translator;
  readonly json: boolean;
  /** The language that the person chose for this call, if so. */
  readonly chosenLanguage: string | undefined;
  /** The folder the person stands in. */
  readonly userFolder: string;
  readonly by: Actor;
  /** A command with its words as the person can type it here: called as this call was, on the same state. */
  readonly commandLine: (words: string) => string;
  /** A line for people; nothing where programs read. */
  say(line: string): void;
  /** A line for programs; nothing where people read. */
  emit(line: { readonly type: string } & Record<string, unknown>): void;
}

/** For commands that move a run: a run that starts runs could go on without end. Throws an InputError. */
export function createMovingCli(world: CliWorld, options: CommonOptions): Cli {
  const cli = createCli(world, options);
  if (isInsideWorker(world.environment)) {
    throw new InputError("cli.inside_worker", cli.translator.t("cli.inside_worker"));
  }
  return cli;
}

/** The language of the program itself: flag, configuration, environment, English. */
export function translatorOf(
  flag: string | undefined,
  configured: string | undefined,
  world: Pick<CliWorld, "environment">,
): Translator {
  return translatorFor(flag ?? configured ?? languageOfEnvironment(world.environment) ?? FALLBACK_LANGUAGE);
}

export function configOf(world: CliWorld, options: CommonOptions): LoadedConfig {
  return loadConfig({
    readText: (path) => world.readText(path),
    environment: world.environment,
    flags: { profile: options.profile, stateRoot: options.stateRoot, language: options.language },
    cwd: world.cwd,
    home: world.home,
    configFile: options.config,
    cpus: world.cpus,
  });
}

/** Throws an InputError with every problem of the configuration. */
export function createCli(world: CliWorld, options: CommonOptions): Cli {
  const config = configOf(world, options);
  if (!config.ok) {
    const heading = translatorOf(options.language, undefined, world).t("config.invalid", {
      count: config.problems.length,
    });
    throw new InputError("config.invalid", [heading, ...config.problems].join("\n"));
  }
  const { settings, origins } = config;
  const configured = settings.language === "auto" ? undefined : settings.language;
  const json = options.json ?? false;
  return {
    world,
    settings,
    origins,
    translator: translatorOf(options.language, configured, world),
    json,
    chosenLanguage: options.language,
    userFolder: folderOfUser(world.environment, world.cwd),
    by: { surface: "terminal", user: world.user },
    commandLine: (words) => [programOf(world), words, ...sameState(options)].join(" "),
    say: (line) => {
      if (!json) world.out(`${line}\n`);
    },
    emit: (line) => {
      if (json) world.out(`${JSON.stringify(line)}\n`);
    },
  };
}

/** A session that is closed in the end whatever happens. */
export async function withSession<T>(cli: Cli, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await cli.world.open(cli.settings, logLevelOf(cli));
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** The program owns the terminal: it logs next to nothing, unless the person set a level. */
function logLevelOf({ origins, settings, world }: Cli): string {
  const source = origins.find((origin) => origin.name === "logLevel")?.source ?? "default";
  const shipped = source === "default" || source.startsWith(join(world.home, "config"));
  return shipped ? "fatal" : settings.logLevel;
}

/**
 * For commands that only look: a state folder that is not there holds no runs, and is not made by looking. `id`: the run
 * that is looked for, if one is.
 */
export async function lookInside(
  cli: Cli,
  id: string | undefined,
  look: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { world, settings, translator } = cli;
  if (world.isFolder(settings.stateRoot)) return withSession(cli, look);
  const text = translator.t("cli.no_state", { folder: settings.stateRoot, command: cli.commandLine("run") });
  if (id !== undefined) {
    const unknown = translator.t("cli.run_unknown", { id, command: cli.commandLine("status") });
    throw new InputError("run.unknown", `${unknown}\n${text}`);
  }
  cli.say(text);
  return EXIT.completed;
}

/** The run with this id; throws an InputError that says how to find the right one. */
export async function existingRun({ translator, commandLine }: Cli, session: Session, id: string): Promise<RunView> {
  const runId = RunIdSchema.safeParse(id).data;
  const view = runId === undefined ? undefined : await session.query.run(runId);
  if (view !== undefined) return view;
  const aside = runId === undefined ? undefined : await session.query.setAside(runId);
  if (aside === undefined) {
    throw new InputError("run.unknown", translator.t("cli.run_unknown", { id, command: commandLine("status") }));
  }
  throw new InputError("run.set_aside", setAsideWords(aside, translator));
}

/** How a command of the program names itself: a person's call is a new command each time. */
export function commandBase({ world, by }: Cli): { id: string; by: Actor } {
  return { id: world.newId(), by };
}

/** `coxswain` is on nobody's path in a fresh clone; npm tells its scripts their name. */
function programOf({ environment }: CliWorld): string {
  return environment["npm_lifecycle_event"] === "coxswain" ? "npm run -s coxswain --" : "coxswain";
}

/** The options without which another call would look into another state. */
function sameState({ stateRoot, profile, config }: CommonOptions): string[] {
  const named = { "--state-root": stateRoot, "--profile": profile, "--config": config };
  return Object.entries(named).flatMap(([flag, value]) => (value === undefined ? [] : [flag, shellWord(value)]));
}
