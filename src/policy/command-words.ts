import { posix } from "node:path";

/** Programs that only start another one, with the options that take a value of their own. */
const WRAPPERS: Readonly<Record<string, readonly string[]>> = {
  sudo: ["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T"],
  env: ["-u", "-C", "-S"],
  nice: ["-n"],
  nohup: [],
  time: ["-f", "-o"],
  command: [],
  exec: ["-a"],
  xargs: ["-I", "-n", "-P", "-L", "-d", "-E", "-s"],
  timeout: ["-k", "-s"],
};
const SHELLS = ["sh", "bash", "dash", "zsh", "ksh"];
/** A shell that starts a shell that starts a shell is not looked into any deeper. */
const DEPTH = 3;

/**
 * The words of a command that was written as one line. Undefined where it is no plain command: it holds a placeholder,
 * a variable, or what only a shell understands.
 */
export function wordsOf(line: string): string[] | undefined {
  if (/[<>|&;$`{}()*?~\\!]|\.\.\.|…/u.test(line)) return undefined;
  const words = Array.from(line.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g), ([, a, b, c]) => a ?? b ?? c ?? "");
  return words.length === 0 || words.some((word) => word === "") ? undefined : words;
}

/**
 * Every command that can be read off an argv: itself, and what it wraps (`sudo …`, `env …`, `sh -c "a && b"`). What a
 * program starts by itself stands in no argv.
 */
export function commandsIn(argv: readonly string[], depth = DEPTH): string[][] {
  const [program, ...rest] = argv;
  if (program === undefined) return [];
  const name = posix.basename(program);
  const self = [...argv];
  if (depth === 0) return [self];
  const options = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (options !== undefined) return [self, ...commandsIn(unwrapped(name, rest, options), depth - 1)];
  const script = SHELLS.includes(name) ? scriptOf(rest) : undefined;
  return script === undefined ? [self] : [self, ...segments(script).flatMap((words) => commandsIn(words, depth - 1))];
}

function unwrapped(name: string, words: readonly string[], withValue: readonly string[]): string[] {
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (withValue.includes(word)) at += 1;
    else if (word === "--") return words.slice(at + 1);
    else if (!word.startsWith("-") && !(name === "env" && /^\w+=/.test(word))) break;
  }
  return words.slice(name === "timeout" ? at + 1 : at);
}

function scriptOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  return at < 0 ? undefined : words[at + 1];
}

/** Roughly, as a shell cuts a line: enough to see a plain command in it, and no shell. */
function segments(script: string): string[][] {
  return script
    .split(/&&|\|\||[;|&\n(){}]|\$\(|`/u)
    .map((segment) =>
      segment
        .trim()
        .split(/\s+/)
        .map((word) => word.replaceAll(/["']/g, "")),
    )
    .map((words) => words.slice(words.findIndex((word) => !/^\w+=/.test(word))))
    .filter(([first]) => first !== undefined && first !== "");
}

/**
 * Is this a call of that command? The program is the same, its words come in the same order, and each of its options
 * is there: `rm -rf` is also `rm -r -f x`, and `git push --force` also `git push origin main --force`.
 */
export function isCallOf(argv: readonly string[], words: readonly string[]): boolean {
  const [program = "", ...given] = argv;
  const [wanted = "", ...rest] = words;
  if (program !== wanted && posix.basename(program) !== wanted) return false;
  const flags = rest.filter((word) => word.startsWith("-") && word !== "-" && word !== "--");
  const plain = rest.filter((word) => !word.startsWith("-"));
  const short = new Set(given.filter((word) => /^-[^-]/.test(word)).flatMap((word) => Array.from(word.slice(1))));
  const hasFlag = (flag: string): boolean =>
    given.some((word) => word === flag || (flag.startsWith("--") && word.startsWith(`${flag}=`))) ||
    (/^-[a-zA-Z]+$/.test(flag) && Array.from(flag.slice(1)).every((letter) => short.has(letter)));
  let from = 0;
  for (const word of plain) {
    const at = given.indexOf(word, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return flags.every(hasFlag);
}

/** The same command to the letter: only that is evidence that it ran. */
export function isSameCommand(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
}
