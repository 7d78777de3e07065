import { mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import nodeProcess from "node:process";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { z } from "zod";
import { RunStatusEnvelope } from "../../src/contracts/envelope.ts";
import { SpineState } from "../../src/contracts/spine-state.ts";

const HOME = resolve(import.meta.dirname, "../..");
const PROGRAMS = { cli: join(HOME, "src/cli.ts"), bot: join(HOME, "src/main.ts") };

/** The end of a test with whole programs in it that will never pass: some start ten, each as slow as the machine. */
export const E2E_MS = 600_000;

const JsonLine = z.looseObject({ type: z.string() });
type JsonLine = z.infer<typeof JsonLine>;

/** How one call of the program ended. */
export interface Called {
  readonly exit: number | undefined;
  readonly out: string;
  readonly err: string;
  /** The JSON lines, where `--json` was among the arguments. */
  readonly lines: readonly JsonLine[];
  readonly last: JsonLine | undefined;
}

export interface Where {
  /** The folder that the person stands in. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A call of the program that goes on. */
export interface Started {
  readonly pid: number | undefined;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Called>;
  /** Resolves with the first text of standard output that matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

/** A state root of its own, and the real programs as real processes on it. */
export interface Boat {
  readonly stateRoot: string;
  readonly call: (args: readonly string[], where: Where) => Promise<Called>;
  readonly start: (args: readonly string[], where: Where) => Started;
  readonly startBot: (where: Where) => Started;
  readonly envelope: (file: string) => Promise<RunStatusEnvelope>;
  readonly spineState: () => Promise<SpineState>;
  /** All that was printed for people; `--json` and `export` are for programs. */
  readonly shown: readonly string[];
  /** Every file of the state root that holds the text. */
  readonly filesWith: (text: string) => Promise<string[]>;
  readonly remove: () => Promise<void>;
}

/** The call, where it ended with this code; throws with what it had printed. */
export function endedWith(code: number, called: Called): Called {
  if (called.exit === code) return called;
  throw new Error(`exit ${code} was expected, ${called.exit} came\n${called.err}\n${called.out.slice(-2000)}`);
}

export async function launchBoat(): Promise<Boat> {
  const stateRoot = join(await realpath(await mkdtemp(join(tmpdir(), "coxswain-e2e-"))), "state");
  const shown: string[] = [];
  const parse = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(stateRoot, file), "utf8"));
  const start = (program: keyof typeof PROGRAMS, args: readonly string[], where: Where): Started => {
    const environment = { COXSWAIN_STATE_ROOT: stateRoot, ...where.environment };
    const started = startProgram(PROGRAMS[program], args, environment, where.folder);
    return { ...started, ended: started.ended.then((called) => noted(shown, args, called)) };
  };
  return {
    stateRoot,
    shown,
    call: (args, where) => start("cli", args, where).ended,
    start: (args, where) => start("cli", args, where),
    startBot: (where) => start("bot", [], where),
    envelope: async (file) => RunStatusEnvelope.parse(await parse(file)),
    spineState: async () => SpineState.parse(await parse("spine/spine-state.json")),
    filesWith: (text) => filesWith(stateRoot, text),
    remove: () => rm(resolve(stateRoot, ".."), { recursive: true, force: true, maxRetries: 3 }),
  };
}

function startProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  folder: string,
): Started {
  const process = execa(nodeProcess.execPath, [program, ...args], {
    // As `npm run` does it: the program stands in its own folder and is told where the person stands.
    cwd: HOME,
    env: { PATH: nodeProcess.env["PATH"], HOME: folder, INIT_CWD: folder, ...environment },
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    timeout: E2E_MS,
    forceKillAfterDelay: false,
  });
  const ended = process.then(({ exitCode, stdout, stderr }) => {
    const lines = args.includes("--json") && args[0] !== "export" ? linesOf(stdout) : [];
    return { exit: exitCode, out: stdout, err: stderr, lines, last: lines.at(-1) };
  });
  return {
    pid: process.pid,
    signal: (signal) => void process.kill(signal),
    ended,
    printed: (pattern) => printed(process.stdout, pattern),
  };
}

function noted(shown: string[], args: readonly string[], called: Called): Called {
  if (!args.includes("--json") && args[0] !== "export") shown.push(called.out, called.err);
  return called;
}

function linesOf(out: string): JsonLine[] {
  return out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JsonLine.parse(JSON.parse(line)));
}

function printed(stdout: Readable, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((found, missing) => {
    let text = "";
    stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match !== null) found(match);
    });
    stdout.on("end", () => missing(new Error(`${pattern.source} was expected; this came:\n${text}`)));
  });
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(paths.map(async (path) => ((await readFile(path)).includes(text) ? [path] : [])));
  return found.flat();
}
