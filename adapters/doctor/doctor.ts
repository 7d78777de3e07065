import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, open, readdir, rm, stat, statfs } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { execa } from "execa";
import type { AgentCard } from "../../src/contracts/agent.ts";
import { fail, ok, warn, type Check } from "../../src/contracts/check.ts";
import { raw } from "../../src/contracts/text.ts";
import { messageOf } from "../../src/errors.ts";
import { keyed } from "../../src/i18n.ts";
import type { Catalog } from "../../src/ports.ts";

export interface DoctorInput {
  /** Problems of the configuration, with their places; none where it is valid. */
  readonly configProblems: readonly string[];
  /** Undefined where the configuration does not say it, since it is not valid. */
  readonly stateRoot: string | undefined;
  /** Makes a folder where it is missing. */
  readonly makeFolder: (path: string) => Promise<void>;
  /** Loads macros and agents; rejects with file and line. Undefined where the configuration does not say from where. */
  readonly loadCatalog: (() => Promise<Catalog>) | undefined;
  /** Who owns the state root now. */
  readonly owner: () => Promise<{ readonly pid: number; readonly version: string } | undefined>;
  /** A file that came with the program: a clock that is earlier than it is wrong. */
  readonly shippedFile: string;
  /** Such as `24.21.0`. */
  readonly nodeVersion: string;
  /** Folders in which programs are looked for, as in PATH. */
  readonly path: string;
  readonly now: number;
}

const NEEDED_NODE = 24;
const NEEDED_GIT = [2, 31] as const;
const TIGHT_BYTES = 1e9;
const FULL_BYTES = 1e8;
const GIT_LIMIT_MS = 10_000;

/** Checks this machine, one thing after the other; a check that cannot be made is a failed one, never an exception. */
export async function checkMachine(input: DoctorInput): Promise<Check[]> {
  const { stateRoot } = input;
  const onRoot =
    stateRoot === undefined ? [] : [checkStateRoot(stateRoot, input), checkOwner(input), checkSpace(stateRoot, input)];
  const [git, root, quarantine, catalog, clock] = await Promise.all([
    checkGit(),
    Promise.all(onRoot),
    stateRoot === undefined ? [] : checkQuarantine(stateRoot),
    checkCatalog(input),
    checkClock(input),
  ]);
  return [
    checkNode(input.nodeVersion),
    git,
    ...checkConfig(input.configProblems),
    ...root,
    ...quarantine,
    ...catalog,
    clock,
  ];
}

function checkNode(version: string): Check {
  const text = keyed("doctor.node", { version });
  const isEnough = Number(version.split(".")[0]) >= NEEDED_NODE;
  return isEnough ? ok("node", text) : fail("node", text, keyed("doctor.node.mend", { needed: `${NEEDED_NODE}` }));
}

async function checkGit(): Promise<Check> {
  const mend = keyed("doctor.git.mend", { needed: NEEDED_GIT.join(".") });
  const result = await execa("git", ["--version"], { reject: false, timeout: GIT_LIMIT_MS });
  const [, major = "", minor = ""] = /(\d+)\.(\d+)/.exec(result.stdout ?? "") ?? [];
  if (major === "") return fail("git", keyed("doctor.git.missing"), mend);
  const text = keyed("doctor.git", { version: `${major}.${minor}` });
  const isEnough = Number(major) > NEEDED_GIT[0] || (Number(major) === NEEDED_GIT[0] && Number(minor) >= NEEDED_GIT[1]);
  return isEnough ? ok("git", text) : warn("git", text, mend);
}

function checkConfig(problems: readonly string[]): Check[] {
  if (problems.length === 0) return [ok("config", keyed("doctor.config"))];
  return problems.map((problem) => fail("config", raw(problem), keyed("doctor.config.mend")));
}

/** Writes and flushes a file: a folder can be writable and still sit on something that cannot flush. */
async function checkStateRoot(stateRoot: string, { makeFolder }: DoctorInput): Promise<Check> {
  const probe = join(stateRoot, `.doctor-${randomUUID()}`);
  try {
    await makeFolder(stateRoot);
    const file = await open(probe, "wx", 0o600);
    try {
      await file.writeFile("doctor");
      await file.sync();
    } finally {
      await file.close();
      await rm(probe, { force: true });
    }
    return ok("state_root", keyed("doctor.state_root", { folder: stateRoot }));
  } catch (error) {
    const params = { folder: stateRoot, reason: messageOf(error) };
    return fail("state_root", keyed("doctor.state_root.failed", params), keyed("doctor.state_root.mend"));
  }
}

async function checkOwner({ owner }: DoctorInput): Promise<Check> {
  try {
    const bot = await owner();
    return ok(
      "owner",
      bot === undefined
        ? keyed("doctor.owner.none")
        : keyed("doctor.owner", { pid: `${bot.pid}`, version: bot.version }),
    );
  } catch (error) {
    return fail("owner", raw(messageOf(error)), keyed("doctor.owner.mend"));
  }
}

/** Damaged documents of runs, put aside by the engine. */
async function checkQuarantine(stateRoot: string): Promise<Check[]> {
  const folder = join(stateRoot, "quarantine");
  const damaged = await readdir(folder).catch((): string[] => []);
  if (damaged.length === 0) return [];
  const text = keyed("doctor.quarantine", { count: damaged.length, folder });
  return [warn("quarantine", text, keyed("doctor.quarantine.mend"))];
}

async function checkSpace(stateRoot: string, { makeFolder }: DoctorInput): Promise<Check> {
  try {
    await makeFolder(stateRoot);
    const { bavail, bsize } = await statfs(stateRoot);
    const free = bavail * bsize;
    const text = keyed("doctor.space", { gigabytes: Math.round(free / 1e8) / 10 });
    if (free < FULL_BYTES) return fail("space", text, keyed("doctor.space.mend"));
    return free < TIGHT_BYTES ? warn("space", text, keyed("doctor.space.mend")) : ok("space", text);
  } catch (error) {
    return warn("space", raw(messageOf(error)), keyed("doctor.state_root.mend"));
  }
}

async function checkCatalog({ loadCatalog, path }: DoctorInput): Promise<Check[]> {
  if (loadCatalog === undefined) return [];
  try {
    const { macros, agents } = await loadCatalog();
    const loaded = ok("catalog", keyed("doctor.catalog", { macros: macros.length, agents: agents.length }));
    return [loaded, ...(await checkPrograms(agents, path))];
  } catch (error) {
    return [fail("catalog", raw(messageOf(error)), keyed("doctor.catalog.mend"))];
  }
}

async function checkPrograms(agents: readonly AgentCard[], path: string): Promise<Check[]> {
  const missing: Check[] = [];
  for (const agent of agents) {
    const program = agent.argv[0] ?? "";
    if (program.includes("{") || (await isProgram(program, path))) continue;
    const text = keyed("doctor.program.missing", { agent: agent.id, program });
    missing.push(warn("program", text, keyed("doctor.program.mend", { program })));
  }
  return missing.length > 0 ? missing : [ok("program", keyed("doctor.program"))];
}

async function isProgram(program: string, path: string): Promise<boolean> {
  const places = isAbsolute(program) ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  const found = await Promise.allSettled(places.map((place) => access(place, constants.X_OK)));
  return found.some(({ status }) => status === "fulfilled");
}

async function checkClock({ now, shippedFile }: DoctorInput): Promise<Check> {
  const { mtimeMs } = await stat(shippedFile);
  const text = keyed("doctor.clock", { time: new Date(now).toISOString() });
  return now >= mtimeMs ? ok("clock", text) : warn("clock", text, keyed("doctor.clock.mend"));
}
