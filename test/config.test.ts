import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEFAULTS } from "../src/settings.ts";
import {
  apiTokenOf,
  languageOfEnvironment,
  loadConfig,
  type ConfigInput,
  type LoadedConfig,
  type ResolvedSettings,
} from "../src/config.ts";

const SHIPPED = readFileSync(new URL("../config/coxswain.yaml", import.meta.url), "utf8");

function load(files: Record<string, string> = {}, change: Partial<ConfigInput> = {}): LoadedConfig {
  return loadConfig({
    readText: (path) => files[path],
    environment: {},
    flags: {},
    cwd: "/srv/bot",
    home: "/opt/coxswain",
    cpus: 2,
    ...change,
  });
}

function settingsOf(config: LoadedConfig): ResolvedSettings {
  if (!config.ok) throw new Error(config.problems.join("\n"));
  return config.settings;
}

function sourceOf(config: LoadedConfig, name: string): string | undefined {
  return config.ok ? config.origins.find((origin) => origin.name === name)?.source : undefined;
}

const problemsOf = (config: LoadedConfig): string => (config.ok ? "" : config.problems.join("\n"));

test("the shipped file is valid, and says what the built-in defaults are", () => {
  const shipped = settingsOf(load({ "/opt/coxswain/config/coxswain.yaml": SHIPPED }));
  expect(shipped).toEqual(settingsOf(load()));
  for (const name of Object.keys(DEFAULTS)) expect(SHIPPED).toMatch(new RegExp(`^${name}:`, "m"));
});

test("later layers win, setting by setting, and each value knows who said it", () => {
  const config = load(
    {
      "/opt/coxswain/config/coxswain.yaml": "slots: 2\nretry:\n  baseMs: 5\n  attempts: 4\n",
      "/srv/bot/coxswain.yaml": "# mine\nslots: 3\nlogLevel: warn\nweights: { alice: 2 }\n",
    },
    { environment: { COXSWAIN_LOG_LEVEL: "debug", COXSWAIN_RETRY_BASE_MS: "7" }, flags: { profile: "night" } },
  );
  expect(settingsOf(config)).toMatchObject({
    slots: 3,
    logLevel: "debug",
    profile: "night",
    weights: { alice: 2 },
    retry: { baseMs: 7, maxMs: 60_000, attempts: 4 },
  });
  expect(sourceOf(config, "slots")).toBe("/srv/bot/coxswain.yaml:2");
  expect(sourceOf(config, "weights.alice")).toBe("/srv/bot/coxswain.yaml:4");
  expect(sourceOf(config, "logLevel")).toBe("COXSWAIN_LOG_LEVEL");
  expect(sourceOf(config, "retry.attempts")).toBe("/opt/coxswain/config/coxswain.yaml:4");
  expect(sourceOf(config, "retry.maxMs")).toBe("default");
  expect(sourceOf(config, "profile")).toBe("--profile");
});

test("the state is below the working folder, and paths are relative to whoever wrote them", () => {
  expect(settingsOf(load()).stateRoot).toBe("/srv/bot/.meta-kim/state/default");
  expect(settingsOf(load({}, { flags: { profile: "night" } })).stateRoot).toBe("/srv/bot/.meta-kim/state/night");
  const environment = { INIT_CWD: "/home/alice" };
  expect(settingsOf(load({}, { environment, flags: { stateRoot: "s" } })).stateRoot).toBe("/home/alice/s");
  expect(settingsOf(load({}, { environment: { ...environment, COXSWAIN_STATE_ROOT: "t" } })).stateRoot).toBe(
    "/home/alice/t",
  );
  const files = { "/etc/cox/mine.yaml": "stateRoot: ../state\nconfigFolders: [macros]\n" };
  const named = settingsOf(load(files, { configFile: "/etc/cox/mine.yaml" }));
  expect(named.stateRoot).toBe("/etc/state");
  expect(named.workFolder).toBe("/etc/state/work");
  expect(named.configFolders).toEqual(["/etc/cox/macros"]);
});

test.each([
  [1, 2],
  [3, 3],
  [64, 4],
])("on %i cores there are %i slots", (cpus, slots) => {
  expect(settingsOf(load({}, { cpus })).slots).toBe(slots);
});

test.each([
  ["slots: some", ":1:8: slots: ", "some"],
  ["retry:\n  baseMs: -1", ":2:11: retry.baseMs: ", "-1"],
  ["profle: x", ":1:1: ", 'Did you mean "profile"?'],
  ["retry:\n  max: 5", ":2:3: ", "attempts, baseMs, maxMs"],
  ["control: { host: 0.0.0.0 }", ":1:18: control.host", "127.0.0.1"],
  ["- a", ":1:1: ", "expected object"],
  ["slots: 2\nslots: 3", ":2:1: ", "unique"],
  ["retry: { baseMs: 9000, maxMs: 10 }", "coxswain.yaml:1: retry.maxMs", "must not be below"],
])("the file %j is refused with its place and what was expected", (text, place, message) => {
  const problems = problemsOf(load({ "/srv/bot/coxswain.yaml": text }));
  expect(problems).toContain(place);
  expect(problems).toContain(message);
});

test("an empty file changes nothing", () => {
  expect(load({ "/srv/bot/coxswain.yaml": "# nothing yet\n" }).ok).toBe(true);
});

test("a variable with a wrong value or a misspelled name is refused, others are not ours", () => {
  expect(problemsOf(load({}, { environment: { COXSWAIN_SLOTS: "many" } }))).toContain("COXSWAIN_SLOTS: ");
  expect(problemsOf(load({}, { environment: { COXSWAIN_SLOST: "2" } }))).toContain('Did you mean "COXSWAIN_SLOTS"?');
  expect(load({}, { environment: { SLOTS: "many", COXSWAIN_WORKER: "1", COXSWAIN_SLOTS: "" } }).ok).toBe(true);
});

test("lists and tables come as JSON from the environment", () => {
  const environment = { COXSWAIN_CONFIG_FOLDERS: '["/m"]', COXSWAIN_WEIGHTS: '{"alice":2}', COXSWAIN_PROFILE: "n1" };
  expect(settingsOf(load({}, { environment }))).toMatchObject({
    configFolders: ["/m"],
    weights: { alice: 2 },
    profile: "n1",
  });
});

test("a role is replaced as a whole, a channel that is taken away leaves nothing behind, and a token is no setting", () => {
  const environment = { COXSWAIN_ROLES_OPERATOR: '["slack:U1"]', COXSWAIN_API_TOKEN: "secret" };
  const config = load({ "/srv/bot/coxswain.yaml": "automation:\n  channel: null\n" }, { environment });
  const { roles, automation } = settingsOf(config);
  expect(roles).toEqual({ ...DEFAULTS.roles, operator: ["slack:U1"] });
  expect(automation.channel).toBeNull();
  expect(sourceOf(config, "automation.channel.surface")).toBeUndefined();
  expect(sourceOf(config, "automation.channel")).toBe("/srv/bot/coxswain.yaml:2");
  expect(JSON.stringify(config)).not.toContain("secret");
  expect(apiTokenOf(environment)).toBe("secret");
  expect(problemsOf(load({}, { environment: { COXSWAIN_ROLES_ADMIN: '["everybody"]' } }))).toContain("surface:user");
});

test("a channel of the console that there is not is refused: nobody would see what goes there", () => {
  const config = load({ "/srv/bot/coxswain.yaml": "operatorChannels: [{ surface: web, channel: ops }]" });
  expect(problemsOf(config)).toContain('a channel of the console (web) is "work" or "operators"');
  expect(load({ "/srv/bot/coxswain.yaml": "operatorChannels: [{ surface: web, channel: operators }]" }).ok).toBe(true);
});

test("all problems are named at once", () => {
  const config = load({ "/srv/bot/coxswain.yaml": "slots: x\nprofile: X" }, { flags: { language: "??" } });
  expect(config.ok ? [] : config.problems).toHaveLength(3);
});

test("a configuration file that was named must be there", () => {
  expect(problemsOf(load({}, { environment: { COXSWAIN_CONFIG: "x.yaml" } }))).toContain("/srv/bot/x.yaml");
});

test.each([
  [{ LANG: "zh_CN.UTF-8" }, "zh-CN"],
  [{ LANG: "en_US", LC_ALL: "de_DE@euro" }, "de-DE"],
  [{ LANG: "C.UTF-8" }, undefined],
  [{ LANG: "POSIX" }, undefined],
  [{}, undefined],
])("the environment %j suggests %s", (environment, language) => {
  expect(languageOfEnvironment(environment)).toBe(language);
});
