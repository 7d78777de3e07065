import { resolve } from "node:path";
import type { z } from "zod";
import type { Channel } from "./contracts/channel.ts";
import { Language } from "./contracts/language.ts";
import { DEFAULTS, Layer, schemaAt, SETTING_PATHS, Settings } from "./settings.ts";
import { describe, formatProblem, parseYaml, unknownKeyMessage } from "./yaml.ts";
import { isRecord } from "./is-record.ts";

/** Environment variables by name, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place where the process's environment is read; everything else is given it. */
export function processEnvironment(): Environment {
  return process.env;
}

/** The settings with every path absolute and every `auto` decided, except the language. */
export interface ResolvedSettings extends Omit<z.output<typeof Settings>, "stateRoot" | "workFolder" | "slots"> {
  readonly stateRoot: string;
  readonly workFolder: string;
  readonly slots: number;
}

/** One effective setting and who said so. */
export interface SettingOrigin {
  /** Such as `retry.baseMs`. */
  readonly name: string;
  readonly value: unknown;
  /** `default`, `<file>:<line>`, `COXSWAIN_SLOTS`, `--state-root`. */
  readonly source: string;
}

export type LoadedConfig =
  | { readonly ok: true; readonly settings: ResolvedSettings; readonly origins: SettingOrigin[] }
  | { readonly ok: false; readonly problems: string[] };

/** What flags of a program may set. */
interface ConfigFlags {
  readonly profile?: string | undefined;
  readonly stateRoot?: string | undefined;
  readonly language?: string | undefined;
}

export interface ConfigInput {
  /** Text of a file; undefined where there is none. */
  readonly readText: (path: string) => string | undefined;
  readonly environment: Environment;
  readonly flags: ConfigFlags;
  /** The bot's working folder. */
  readonly cwd: string;
  /** Coxswain's own folder: the one that holds `config/`. */
  readonly home: string;
  /** A configuration file that must exist, in place of `coxswain.yaml` in the working folder. */
  readonly configFile?: string | undefined;
  readonly cpus: number;
}

/** Variables that are ours and no settings: the last four are what a worker is told. */
const OTHER_VARIABLES = [
  "COXSWAIN_CONFIG",
  "COXSWAIN_API_TOKEN",
  "COXSWAIN_SLACK_BOT_TOKEN",
  "COXSWAIN_SLACK_APP_TOKEN",
  "COXSWAIN_SLACK_SIGNING_SECRET",
  "COXSWAIN_DISCORD_TOKEN",
  "COXSWAIN_WORKER",
  "COXSWAIN_DISPATCH",
  "COXSWAIN_ARTIFACTS",
  "COXSWAIN_TREE",
];

interface Source {
  readonly layer: Layer;
  readonly nameOf: (path: readonly string[]) => string;
  /** Relative paths of this layer are below this folder. */
  readonly base: string;
}

/**
 * Puts the layers together, later ones winning: built-in defaults, the shipped file, the user's file,
 * environment, flags. Never throws: what is wrong comes back as problems with their places.
 */
export function loadConfig(input: ConfigInput): LoadedConfig {
  const problems: string[] = [];
  const userFolder = folderOfUser(input.environment, input.cwd);
  const named = input.configFile ?? input.environment["COXSWAIN_CONFIG"];
  const userFile = named === undefined ? resolve(input.cwd, "coxswain.yaml") : resolve(userFolder, named);

  const sources: Source[] = [{ layer: DEFAULTS, nameOf: () => "default", base: input.cwd }];
  const addFile = (file: string, required: boolean): void => {
    const source = fileSource(file, input.readText(file), required, problems);
    if (source !== undefined) sources.push(source);
  };
  addFile(resolve(input.home, "config/coxswain.yaml"), false);
  addFile(userFile, named !== undefined);
  sources.push(environmentSource(input.environment, userFolder, problems));
  sources.push(flagSource(input.flags, userFolder, problems));
  if (problems.length > 0) return { ok: false, problems };

  const { merged, origins } = merge(sources);
  const parsed = Settings.safeParse(merged, { reportInput: true });
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => `${sourceAt(origins, issue.path)}: ${describe(issue)}`),
    };
  }
  const settings = resolveSettings(parsed.data, input);
  return { ok: true, settings, origins: withResolved(origins, settings) };
}

/** The token of the automation API, where the operator sets one; it is a secret, so it stands in no file of settings. */
export function apiTokenOf(environment: Environment): string | undefined {
  const token = environment["COXSWAIN_API_TOKEN"];
  return token === undefined || token === "" ? undefined : token;
}

/** Secrets of the Slack app, under our names or the usual ones; like every secret they stand in no file of settings. */
export function slackTokensOf(environment: Environment): {
  readonly botToken: string | undefined;
  readonly appToken: string | undefined;
  readonly signingSecret: string | undefined;
} {
  const given = (name: string): string | undefined =>
    [environment[`COXSWAIN_${name}`], environment[name]].find((value) => value !== undefined && value !== "");
  return {
    botToken: given("SLACK_BOT_TOKEN"),
    appToken: given("SLACK_APP_TOKEN"),
    signingSecret: given("SLACK_SIGNING_SECRET"),
  };
}

/** The token of the Discord bot, under our name or the usual one. */
export function discordTokenOf(environment: Environment): string | undefined {
  return [environment["COXSWAIN_DISCORD_TOKEN"], environment["DISCORD_TOKEN"]].find(
    (value) => value !== undefined && value !== "",
  );
}

/** Where the person stands: `npm run` changes the folder, and says the first one in INIT_CWD. */
export function folderOfUser(environment: Environment, cwd: string): string {
  const initial = environment["INIT_CWD"];
  return initial === undefined || initial === "" ? cwd : resolve(cwd, initial);
}

/** The language that the environment suggests, as a BCP 47 tag (POSIX: LC_ALL, LC_MESSAGES, LANG in this order). */
export function languageOfEnvironment(environment: Environment): string | undefined {
  const locale = [environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]].find(
    (value) => value !== undefined && value !== "",
  );
  const tag = locale?.split(/[.@]/)[0]?.replaceAll("_", "-");
  return tag !== undefined && Language.safeParse(tag).success ? tag : undefined;
}

/** A worker is told by this variable that it is one; a run inside a run is refused. */
export function isInsideWorker(environment: Environment): boolean {
  return (environment["COXSWAIN_WORKER"] ?? "") !== "";
}

function fileSource(file: string, text: string | undefined, required: boolean, problems: string[]): Source | undefined {
  if (text === undefined) {
    if (required) problems.push(`${file}: a configuration file was expected here, and there is none that can be read`);
    return undefined;
  }
  const parsed = parseYaml(text, file, Layer.nullable());
  if (!parsed.ok) {
    problems.push(...parsed.problems.map(formatProblem));
    return undefined;
  }
  const { value, lineOf } = parsed;
  return { layer: value ?? {}, nameOf: (path) => `${file}:${lineOf(path)}`, base: resolve(file, "..") };
}

/** `retry.baseMs` is `COXSWAIN_RETRY_BASE_MS`. */
function variableOf(path: readonly string[]): string {
  return `COXSWAIN_${path.map((part) => part.replaceAll(/([A-Z])/g, "_$1").toUpperCase()).join("_")}`;
}

/** Each setting has its variable. Lists and tables are written as JSON. */
function environmentSource(environment: Environment, base: string, problems: string[]): Source {
  const byName = new Map(SETTING_PATHS.map((path) => [variableOf(path), path]));
  const layer: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith("COXSWAIN_") || OTHER_VARIABLES.includes(name) || text === undefined || text === "") continue;
    const path = byName.get(name);
    if (path === undefined) {
      problems.push(`environment: ${unknownKeyMessage(name, [...byName.keys(), ...OTHER_VARIABLES])}`);
      continue;
    }
    const parsed = parseSetting(path, text);
    if (parsed.success) put(layer, path, parsed.data);
    else problems.push(...parsed.error.issues.map((issue) => `${name}: ${describe(issue)}`));
  }
  return { layer, nameOf: variableOf, base };
}

/** Text of a variable as the setting's own type: as it stands, else as JSON (numbers, lists, tables). */
function parseSetting(path: readonly string[], text: string): z.ZodSafeParseResult<unknown> {
  const schema = schemaAt(path);
  const asText = schema.safeParse(text, { reportInput: true });
  if (asText.success) return asText;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return asText;
  }
  return schema.safeParse(value, { reportInput: true });
}

function flagSource(flags: ConfigFlags, base: string, problems: string[]): Source {
  const nameOf = (path: readonly string[]): string =>
    `--${path.join("-").replaceAll(/([A-Z])/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const layer: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const parsed = schemaAt([key]).safeParse(value, { reportInput: true });
    if (parsed.success) layer[key] = parsed.data;
    else problems.push(...parsed.error.issues.map((issue) => `${nameOf([key])}: ${describe(issue)}`));
  }
  return { layer, nameOf, base };
}

/** Settings are overridden one by one; lists as a whole, tables (weights) by their keys. */
function merge(sources: readonly Source[]): { merged: Record<string, unknown>; origins: SettingOrigin[] } {
  const merged: Record<string, unknown> = {};
  const origins = new Map<string, SettingOrigin>();
  const visit = (value: unknown, path: string[], source: Source): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      if (path.length > 0 && !isRecord(at(merged, path))) put(merged, path, {});
      for (const [key, child] of Object.entries(value)) visit(child, [...path, key], source);
      return;
    }
    const resolved = absolute(path[0], value, source.base);
    put(merged, path, resolved);
    // A table that is replaced as a whole (by null, say) takes its parts with it.
    for (const name of origins.keys()) if (name.startsWith(`${path.join(".")}.`)) origins.delete(name);
    origins.set(path.join("."), { name: path.join("."), value: resolved, source: source.nameOf(path) });
  };
  for (const source of sources) visit(source.layer, [], source);
  return { merged, origins: [...origins.values()] };
}

function absolute(key: string | undefined, value: unknown, base: string): unknown {
  if ((key === "stateRoot" || key === "workFolder") && typeof value === "string") return resolve(base, value);
  if ((key === "configFolders" || key === "workspaces") && Array.isArray(value))
    return value.map((folder) => resolve(base, String(folder)));
  if (key === "plugins" && Array.isArray(value)) return value.map((name) => pluginPath(base, String(name)));
  if (key === "channels" && Array.isArray(value))
    return value.map((channel: Channel) => ({ ...channel, workspace: resolve(base, channel.workspace) }));
  return value;
}

/** A file is named as such (`./night.ts`); anything else is a package. */
function pluginPath(base: string, name: string): string {
  return /^\.{1,2}[\\/]/.test(name) ? resolve(base, name) : name;
}

function resolveSettings(settings: z.output<typeof Settings>, { cwd, cpus }: ConfigInput): ResolvedSettings {
  const stateRoot = settings.stateRoot ?? resolve(cwd, ".meta-kim/state", settings.profile);
  return {
    ...settings,
    stateRoot,
    workFolder: settings.workFolder ?? resolve(stateRoot, "work"),
    slots: settings.slots === "auto" ? Math.min(4, Math.max(2, cpus)) : settings.slots,
  };
}

function withResolved(origins: SettingOrigin[], { stateRoot, workFolder, slots }: ResolvedSettings): SettingOrigin[] {
  const decided: Record<string, unknown> = { stateRoot, workFolder, slots };
  return origins.map((origin) => (origin.name in decided ? { ...origin, value: decided[origin.name] } : origin));
}

function sourceAt(origins: readonly SettingOrigin[], path: readonly PropertyKey[]): string {
  return origins.find((origin) => origin.name === path.map(String).join("."))?.source ?? "configuration";
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = "", ...rest] = path;
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const child = target[first];
  const next = isRecord(child) ? child : {};
  target[first] = next;
  put(next, rest, value);
}

function at(target: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), target);
}
