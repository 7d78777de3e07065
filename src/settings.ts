import { z } from "zod";
import { Channel } from "./contracts/channel.ts";
import { Slug } from "./contracts/id.ts";
import { Language } from "./contracts/language.ts";
import { RolePattern } from "./contracts/role.ts";
import { Binding } from "./contracts/task.ts";

const Path = z.string().min(1).max(4096);
const Count = z.number().int().min(1).max(1000);
const Milliseconds = z
  .number()
  .int()
  .min(1)
  .max(24 * 3600_000);
const Minutes = z.number().int().min(1).max(43_200);
const Share = z.number().positive().max(1_000_000);

/** The console has two channels; whatever went to another one, nobody would see. */
const inConsole = ({ surface, channel }: { readonly surface: string; readonly channel: string }): boolean =>
  surface !== "web" || channel === "work" || channel === "operators";
const IN_CONSOLE = { error: 'a channel of the console (web) is "work" or "operators"', path: ["channel"] };

const Limits = z.strictObject({
  /** How many dispatches of one tenant may run at once. */
  perTenant: Count,
  /** How many dispatches of one macro may run at once. */
  perMacro: Count,
});
const Control = z.strictObject({
  /** Loopback only: the control API is for programs on the same machine. */
  host: z.enum(["127.0.0.1", "::1"]),
  /** 0 takes any free port; it is written to `control.json` in the state root. */
  port: z.number().int().min(0).max(65_535),
});
const Console = z.strictObject({
  enabled: z.boolean(),
  /** Loopback only: whoever opens the printed address can be every persona. */
  host: z.enum(["127.0.0.1", "::1"]),
  /** Where it is taken, the next free one; 0 takes any. */
  port: z.number().int().min(0).max(65_535),
  /** Who one can be in the console, to try approvals and permissions alone; the first is who one is at first. */
  personas: z
    .array(z.strictObject({ id: Slug, name: z.string().trim().min(1).max(60) }))
    .min(1)
    .max(20)
    .refine(
      (personas) => new Set(personas.map(({ id }) => id)).size === personas.length,
      "two personas have the same id",
    ),
});
const Roles = z.strictObject({
  /** May start runs, and answer the questions of their own. */
  requester: z.array(RolePattern).max(1000),
  /** May answer the questions of every run. */
  approver: z.array(RolePattern).max(1000),
  /** May cancel every run, and deals with dead letters. */
  operator: z.array(RolePattern).max(1000),
  /** May do everything. */
  admin: z.array(RolePattern).max(1000),
});
const Tenants = z.strictObject({
  /** What counts as one tenant, for fair shares and limits. */
  by: z.enum(["user", "channel", "team"]),
  /** Who belongs to which team; who belongs to none counts alone. */
  teams: z.record(z.string().trim().min(1).max(200), z.array(RolePattern).max(1000)),
});
const Operators = z.strictObject({
  /** Results are gathered for so long into one message for operators; 0: each is posted by itself. */
  digestMinutes: z.number().int().min(0).max(1440),
});
const Slack = z.strictObject({
  /** `socket`: needs no public address. `http`: Slack calls the bot at `host` and `port`, through a proxy of yours. */
  mode: z.enum(["socket", "http"]),
  host: z.string().min(1).max(255),
  port: z.number().int().min(0).max(65_535),
  /** `sections`: plain progress, for workspaces whose programs do not show Slack's plan block. */
  notice: z.enum(["plan", "sections"]),
  /** May guests of the workspace do what their roles allow? */
  guests: z.boolean(),
  /** May people of other organizations, who share a channel, do what their roles allow? */
  externals: z.boolean(),
  /** Where the Web API is; another one for GovSlack. */
  apiUrl: z.url(),
});
const Discord = z.strictObject({
  /** Read messages without a mention, in the threads of runs; a privileged intent, to be allowed for the app. */
  messageContent: z.boolean(),
  /** The server in which commands are registered, at once; null: everywhere, which takes Discord a while. */
  guild: z
    .string()
    .regex(/^\d{15,22}$/u, "the id of a server: a number of 17 to 20 digits, in quotes")
    .nullable(),
  /** Where the API is. */
  apiUrl: z.url(),
});
const Alerts = z.strictObject({
  /** So many pieces of work waiting for a worker. */
  waitingDispatches: z.number().int().min(1).max(1_000_000),
  /** A question without an answer for so long. */
  unansweredMinutes: Minutes,
  /** An active run in which nothing works, waits or happens for so long. */
  stalledMinutes: Minutes,
  /** Messages and other effects that do not get through for so long. */
  undeliveredMinutes: Minutes,
  /** Less than this is free on the disk of the state folder. */
  freeMegabytes: z.number().int().min(0).max(1_000_000_000),
  /** The process reacts so late, in one wait of a hundred. */
  loopLagMs: Milliseconds,
  /** So many of a macro's last pieces of work failed, and twice the share of its history. */
  failurePercent: z.number().int().min(1).max(100),
});
const Automation = z.strictObject({
  /** Where runs that programs start get their thread; null: nowhere. */
  channel: Binding.extend({ role: z.literal("home").default("home") })
    .refine(inConsole, IN_CONSOLE)
    .nullable(),
});
const Metrics = z.strictObject({
  enabled: z.boolean(),
  /** Who may reach it is up to this address: it asks for no password, and tells names of tenants and macros. */
  host: z.string().min(1).max(255),
  /** 0 takes any free port. */
  port: z.number().int().min(0).max(65_535),
});
const Tracing = z.strictObject({
  /** Where traces go by OTLP over HTTP, such as http://localhost:4318/v1/traces; null: nowhere. */
  url: z.url({ protocol: /^https?$/ }).nullable(),
});
const Retry = z.strictObject({ baseMs: Milliseconds, maxMs: Milliseconds, attempts: z.number().int().min(1).max(20) });

const shape = {
  profile: Slug,
  /** Where the bot keeps its state; without it `.meta-kim/state/<profile>` below the bot's working folder. */
  stateRoot: Path.nullable(),
  /** Where runs get their copies of a workspace; without it `work` in the state root. */
  workFolder: Path.nullable(),
  /** `auto`: the language of the person (G9). A tag: the bot always speaks it. */
  language: z.union([z.literal("auto"), Language]),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
  /** How many dispatches may run at once. `auto`: as many as the machine has cores, at least 2 and at most 4. */
  slots: z.union([z.literal("auto"), z.number().int().min(1).max(256)]),
  strategy: Slug,
  /** Shares of tenants, relative to the others; a tenant that is not named has 1. */
  weights: z.record(z.string().min(1).max(200), Share),
  /** How long a run waits inside its tenant until it counts one priority higher. */
  ageStepMs: Milliseconds,
  /** A worker past this time goes on, and its tenant pays for it at once, and after each further slice. */
  sliceMs: Milliseconds,
  /** What a thousand tokens count as, in milliseconds of a worker, where a runtime reports them. */
  tokenCostMs: z.number().min(0).max(3_600_000),
  /** When the bot is told to stop: how long what runs may end by itself while nothing new starts. */
  drainMs: z
    .number()
    .int()
    .min(0)
    .max(24 * 3600_000),
  /** How long a worker has to end by itself when the bot stops. */
  graceMs: z.number().int().min(0).max(600_000),
  /** How long an approved change can be taken back before its branch is made. */
  undoMs: z.number().int().min(0).max(3_600_000),
  configFolders: z.array(Path).max(50),
  /** Modules that add to the bot (M11): paths of files, or names of packages. */
  plugins: z.array(Path).max(50),
  operatorChannels: z
    .array(Binding.extend({ role: z.literal("operators").default("operators") }).refine(inConsole, IN_CONSOLE))
    .max(50),
  /** Which folder the runs of a channel are about, unless a message names another. */
  channels: z.array(Channel.refine(inConsole, IN_CONSOLE)).max(1000),
  /**
   * Folders, with all that is below, that runs may be about; those of `channels` are always among them. null: any for
   * whoever sits at this machine or holds its token, and none besides those of `channels` for everybody else.
   */
  workspaces: z.array(Path).max(1000).nullable(),
};
const sections = {
  limits: Limits,
  control: Control,
  console: Console,
  roles: Roles,
  tenants: Tenants,
  operators: Operators,
  alerts: Alerts,
  automation: Automation,
  slack: Slack,
  discord: Discord,
  metrics: Metrics,
  tracing: Tracing,
  retry: Retry,
};

/** The settings of a bot: what every layer together must give. */
export const Settings = z.strictObject({ ...shape, ...sections }).refine(({ retry }) => retry.maxMs >= retry.baseMs, {
  error: "retry.maxMs must not be below retry.baseMs",
  path: ["retry", "maxMs"],
});

/** What one layer may say: any part of it. */
export const Layer = z.strictObject({
  ...z.strictObject(shape).partial().shape,
  limits: Limits.partial().optional(),
  control: Control.partial().optional(),
  console: Console.partial().optional(),
  roles: Roles.partial().optional(),
  tenants: Tenants.partial().optional(),
  operators: Operators.partial().optional(),
  alerts: Alerts.partial().optional(),
  automation: Automation.partial().optional(),
  slack: Slack.partial().optional(),
  discord: Discord.partial().optional(),
  metrics: Metrics.partial().optional(),
  tracing: Tracing.partial().optional(),
  retry: Retry.partial().optional(),
});
export type Layer = z.infer<typeof Layer>;

export const DEFAULTS = {
  profile: "default",
  stateRoot: null,
  workFolder: null,
  language: "auto",
  logLevel: "info",
  slots: "auto",
  strategy: "weighted-fair",
  weights: {},
  ageStepMs: 60_000,
  sliceMs: 30_000,
  tokenCostMs: 1000,
  drainMs: 0,
  graceMs: 5000,
  undoMs: 10_000,
  configFolders: [],
  plugins: [],
  operatorChannels: [],
  channels: [],
  workspaces: null,
  limits: { perTenant: 4, perMacro: 4 },
  control: { host: "127.0.0.1", port: 0 },
  console: {
    enabled: true,
    host: "127.0.0.1",
    port: 7410,
    personas: [
      { id: "ada", name: "Ada" },
      { id: "olga", name: "Olga" },
      { id: "gus", name: "Gus" },
    ],
  },
  // Whoever sits at the machine, or holds the token that only its user can read, could do all of it by hand.
  roles: {
    requester: ["web:ada", "web:olga"],
    approver: ["web:ada", "web:olga"],
    operator: ["web:olga"],
    admin: ["terminal:*", "api:*"],
  },
  tenants: { by: "user", teams: {} },
  operators: { digestMinutes: 0 },
  alerts: {
    waitingDispatches: 500,
    unansweredMinutes: 1440,
    stalledMinutes: 15,
    undeliveredMinutes: 10,
    freeMegabytes: 1024,
    loopLagMs: 500,
    failurePercent: 50,
  },
  automation: { channel: { surface: "web", channel: "work", role: "home" } },
  slack: {
    mode: "socket",
    host: "127.0.0.1",
    port: 7420,
    notice: "plan",
    guests: false,
    externals: false,
    apiUrl: "https://slack.com/api/",
  },
  discord: { messageContent: false, guild: null, apiUrl: "https://discord.com/api" },
  metrics: { enabled: false, host: "127.0.0.1", port: 9464 },
  tracing: { url: null },
  retry: { baseMs: 1000, maxMs: 60_000, attempts: 3 },
} as const satisfies z.input<typeof Settings>;

/** Every setting by its path, such as `retry`, `baseMs`. */
export const SETTING_PATHS: readonly (readonly string[])[] = [
  ...Object.keys(shape).map((key) => [key]),
  ...Object.entries(sections).flatMap(([section, schema]) => Object.keys(schema.shape).map((key) => [section, key])),
];

/** The schema of one setting. */
export function schemaAt([first = "", second]: readonly string[]): z.ZodType {
  const found = second === undefined ? shape[first as keyof typeof shape] : sectionShape(first)[second];
  if (found === undefined) throw new TypeError(`no setting ${first}.${second}`);
  return found;
}

function sectionShape(section: string): Record<string, z.ZodType> {
  return section in sections ? sections[section as keyof typeof sections].shape : {};
}
