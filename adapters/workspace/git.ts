import { execa, ExecaError } from "execa";
import { InputError } from "../../src/errors.ts";

/**
 * Git that only reads: no lock, no index refresh, no hook, no pager, no program of the repository's own
 * configuration, no network. A workspace may come from anybody, and its `.git/config` can name programs.
 */
export interface Git {
  /** Standard output of a command in the folder; throws an InputError where git refuses. */
  text(args: readonly string[], input?: string): Promise<string>;
  /** Standard output split at its NUL ends (`-z`). */
  records(args: readonly string[]): Promise<string[]>;
  bytes(args: readonly string[], input: string): Promise<Uint8Array>;
  /** Standard output, or undefined where the command does not end with 0: for questions that may have no answer. */
  maybe(args: readonly string[]): Promise<string | undefined>;
  /** Bytes of the output as they come; ends the command when it is no longer listened to. 1 as exit code is no error. */
  bytesOf(args: readonly string[], listener: (chunk: Uint8Array) => "more" | "enough"): Promise<number>;
  /** Lines of the output as they come, for output that may be long. */
  lines(args: readonly string[]): AsyncIterable<string>;
}

const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

export type Setting = readonly [name: string, value: string];

const SAFE_CONFIG: readonly Setting[] = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.untrackedCache", "false"],
  // The bytes as they are: a list of files is compared and opened, not read by people.
  ["core.quotePath", "false"],
  ["log.showSignature", "false"],
  ["submodule.recurse", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["advice.detachedHead", "false"],
];

/** Variables by which the caller's surroundings (a git hook, for one) would point git to another repository. */
const FOREIGN_VARIABLES = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
  "GIT_CONFIG",
  "GIT_CONFIG_PARAMETERS",
  "GIT_SHALLOW_FILE",
  "GIT_GRAFT_FILE",
  "GIT_EXTERNAL_DIFF",
  "GIT_TRACE",
  "GIT_TEMPLATE_DIR",
  "GIT_LITERAL_PATHSPECS",
];

interface GitOptions {
  readonly signal?: AbortSignal | undefined;
  /** More settings for this git. */
  readonly config?: readonly Setting[];
  /** `none` unless said otherwise; a clone from a folder needs `file`. */
  readonly protocols?: string;
  /** More variables for this git. */
  readonly environment?: Readonly<Record<string, string>>;
}

export function createGit(
  folder: string,
  { signal, config = [], protocols = "none", environment = {} }: GitOptions,
): Git {
  const options = {
    cwd: folder,
    stdin: "ignore",
    maxBuffer: MAX_OUTPUT_BYTES,
    stripFinalNewline: false,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    env: {
      ...Object.fromEntries(FOREIGN_VARIABLES.map((name) => [name, undefined])),
      ...settingsInEnvironment([...SAFE_CONFIG, ...config]),
      LC_ALL: "C",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_TERMINAL_PROMPT: "0",
      GIT_PAGER: "cat",
      GIT_LFS_SKIP_SMUDGE: "1",
      // Overrides protocol.*.allow of the repository: else a partial clone could start a program to fetch what it lacks.
      GIT_ALLOW_PROTOCOL: protocols,
      GIT_NO_LAZY_FETCH: "1",
      ...environment,
    },
  } as const;

  const text = async (args: readonly string[], input?: string): Promise<string> => {
    try {
      const { stdout } = await execa("git", args, input === undefined ? options : { ...options, stdin: "pipe", input });
      return stdout;
    } catch (error) {
      throw refusal(error, folder);
    }
  };
  return {
    text,
    records: async (args) => (await text(args)).split("\0").slice(0, -1),
    bytes: async (args, input) => {
      try {
        return (await execa("git", args, { ...options, stdin: "pipe", input, encoding: "buffer" })).stdout;
      } catch (error) {
        throw refusal(error, folder);
      }
    },
    maybe: async (args) => {
      const { exitCode, stdout } = await execa("git", args, { ...options, reject: false });
      return exitCode === 0 ? stdout : undefined;
    },
    bytesOf: async (args, listener) => {
      const command = execa("git", args, { ...options, buffer: false, encoding: "buffer", reject: false });
      let ended = false;
      command.stdout.on("data", (chunk: Uint8Array) => {
        if (ended || listener(chunk) === "more") return;
        ended = true;
        command.kill();
      });
      const result = await command;
      if (ended) return 0;
      if (result.exitCode !== undefined && result.exitCode <= 1) return result.exitCode;
      throw refusal(result instanceof Error ? result : new Error("git ended without an exit code"), folder);
    },
    lines: (args) => execa("git", args, { ...options, buffer: false }).iterable(),
  };
}

/** Not as `-c name=value`: the name of a filter may hold `=`, and would then slip through. */
function settingsInEnvironment(settings: readonly Setting[]): Record<string, string> {
  const pairs = settings.flatMap(([name, value], index): [string, string][] => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(settings.length) };
}

function refusal(error: unknown, folder: string): unknown {
  if (!(error instanceof ExecaError) || error.isCanceled) return error;
  if (error.code === "ENOENT") {
    return new InputError(
      "workspace.git_missing",
      `git was not found, and ${folder} cannot be read without it. Install git 2.31 or newer.`,
      error,
    );
  }
  const stderr: unknown = error.stderr;
  const said = typeof stderr === "string" && stderr !== "" ? stderr.trim() : error.shortMessage;
  if (said.includes("dubious ownership")) {
    return new InputError(
      "workspace.not_trusted",
      `git does not trust ${folder}, because it belongs to another user. If you do, run: git config --global --add safe.directory '${folder}'`,
      error,
    );
  }
  return new InputError("workspace.git_refused", `git could not read ${folder}: ${said}`, error);
}

/**
 * Settings that silence the filter programs which the repository's own configuration names: `git status`
 * would run them on changed files. Filters of the user's own configuration stay.
 */
export async function silencedFilters(git: Git): Promise<Setting[]> {
  const names = await git.records(["config", "--list", "--show-scope", "--name-only", "-z"]);
  const filters = new Set<string>();
  // Scope and name are two records each.
  for (let index = 0; index + 1 < names.length; index += 2) {
    const filter = /^filter\.(.+)\.(?:clean|smudge|process|required)$/s.exec(names[index + 1] ?? "")?.[1];
    if (filter !== undefined && ["local", "worktree"].includes(names[index] ?? "")) filters.add(filter);
  }
  return [...filters].flatMap((name): Setting[] => [
    [`filter.${name}.clean`, ""],
    [`filter.${name}.smudge`, ""],
    [`filter.${name}.process`, ""],
    [`filter.${name}.required`, "false"],
  ]);
}
