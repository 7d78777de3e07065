import { execa } from "execa";

/**
 * Git as a worker may use it: it takes no locks, asks nobody, and starts no program that the repository's
 * configuration names (hooks, file monitor, external diff, signature check).
 */
const GUARDS = [
  "--no-pager",
  ...["core.hooksPath=/dev/null", "core.fsmonitor=false", "log.showSignature=false"].flatMap((pair) => ["-c", pair]),
];
const ENVIRONMENT = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1", LC_ALL: "C" };

/** Standard output of a git command without the last line end. Rejects when git ends with another code than 0. */
export async function git(...argv: string[]): Promise<string> {
  const { stdout } = await execa("git", [...GUARDS, ...argv], { env: ENVIRONMENT, stdin: "ignore" });
  return stdout;
}

/** The NUL-terminated records of a git command that was given `-z`, as they come; memory stays bounded. */
export async function* gitRecords(...argv: string[]): AsyncGenerator<string> {
  const child = execa("git", [...GUARDS, ...argv], { env: ENVIRONMENT, stdin: "ignore", buffer: { stdout: false } });
  // Awaited below; without a handler from the start an early failure would end the process first.
  child.catch(() => {});
  child.stdout.setEncoding("utf8");
  let rest = "";
  for await (const chunk of child.stdout) {
    const records = (rest + String(chunk)).split("\0");
    rest = records.pop() ?? "";
    yield* records;
  }
  await child;
  if (rest !== "") yield rest;
}
