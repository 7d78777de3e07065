import { posix } from "node:path";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import { POLICY_SOURCES, type PolicyRef, type PolicyRule, type PolicyVerdict } from "../contracts/policy.ts";
import { secretArguments, withoutSecrets } from "../governance/sentinel.ts";
import { commandsIn, isCallOf, isSameCommand } from "./command-words.ts";
import { alternativesOf, isInside, matchesAny, mayTouch } from "./path-globs.ts";

/** What is about to be dispatched. */
export interface WorkSubject {
  readonly macroId: string;
  readonly tenant: string;
  /** Absolute folder of the workspace. */
  readonly root: string;
  /** Globs that it declares to write. */
  readonly writes: readonly string[];
  /** What is written down to be run: the lane's own command, and those of its checks. */
  readonly commands: readonly (readonly string[])[];
  /** How the worker's program is started; prohibitions hold for it, lists of what alone is allowed do not. */
  readonly program: readonly string[];
  readonly args: Readonly<Record<string, ArgumentValue>>;
  /** Milliseconds of worker time: what the run has used, and what this is expected to take. */
  readonly usedMs: number;
  readonly expectedMs: number;
}

/** What is about to leave its copy. */
export interface ChangeSubject {
  readonly macroId: string;
  readonly tenant: string;
  /** Relative to the workspace; one that leads out of it begins with `../`. */
  readonly paths: readonly string[];
  /** Commands that ended with 0 in the changed copy. */
  readonly ran: readonly (readonly string[])[];
}

interface Match {
  readonly rule: PolicyRule;
  readonly subject: string;
}

/** Before a dispatch: what each rule that has something to say to it says. Pure; the order of the rules is nothing. */
export function judgeWork(rules: readonly PolicyRule[], work: WorkSubject): PolicyVerdict[] {
  const touches = (scope: readonly string[]): boolean => work.writes.some((glob) => mayTouch(glob, scope));
  const ours = rules.filter((rule) => isFor(rule, work) && (rule.scope.length === 0 || touches(rule.scope)));
  const writes = work.writes.flatMap(alternativesOf);
  const commands = work.commands.flatMap((argv) => commandsIn(argv));
  const programs = [...commands, ...commandsIn(work.program)];
  return inOrder([
    ...writes.flatMap((glob) => judgePath(ours, glob, (globs) => isInside(glob, globs))),
    ...programs.flatMap((argv) => judgeCommand(ours, argv)),
    ...work.commands.flatMap((argv) => judgeOnly(ours, argv)),
    ...work.commands.flatMap((argv) => judgePlaces(ours, argv, work.root)),
    ...judgeSecrets(ours, work),
    ...judgeTime(ours, work),
  ]);
}

/** After the work, before anything of it leaves the copy: the files that really changed, and what has to have run. */
export function judgeChange(rules: readonly PolicyRule[], change: ChangeSubject): PolicyVerdict[] {
  const ours = rules.filter(
    (rule) =>
      isFor(rule, change) && (rule.scope.length === 0 || change.paths.some((path) => matchesAny(path, rule.scope))),
  );
  const required = ours.flatMap((rule): PolicyVerdict[] => {
    if (rule.check.kind !== "require_command") return [];
    const { words } = rule.check;
    const met = change.ran.some((argv) => isSameCommand(argv, words));
    return [{ ...verdictOf({ rule, subject: words.join(" ") }, "denied"), outcome: met ? "met" : "unmet" }];
  });
  return inOrder([
    ...change.paths.flatMap((path) => judgePath(ours, path, (globs) => matchesAny(path, globs))),
    ...required,
  ]);
}

function isFor({ macros, tenants }: PolicyRule, { macroId, tenant }: { macroId: string; tenant: string }): boolean {
  const named = (pattern: string): boolean =>
    pattern.split("*").length === 1
      ? pattern === tenant
      : new RegExp(
          `^${pattern
            .split("*")
            .map((part) => RegExp.escape(part))
            .join(".*")}$`,
          "su",
        ).test(tenant);
  return (macros.length === 0 || macros.includes(macroId)) && (tenants.length === 0 || tenants.some(named));
}

function judgePath(
  rules: readonly PolicyRule[],
  path: string,
  isIn: (globs: readonly string[]) => boolean,
): PolicyVerdict[] {
  const outside = path.startsWith("/") || path.startsWith("~") || path.split("/").includes("..");
  const denying = rules.filter(
    ({ check }) => (check.kind === "deny_paths" && isIn(check.globs)) || (check.kind === "inside_workspace" && outside),
  );
  const allowing = rules.filter(({ check }) => check.kind === "allow_paths" && isIn(check.globs));
  return denying.map((rule) => settle({ rule, subject: path }, allowing));
}

function judgeCommand(rules: readonly PolicyRule[], argv: readonly string[]): PolicyVerdict[] {
  const denying = rules.filter(({ check }) => check.kind === "deny_command" && isCallOf(argv, check.words));
  return denying.map((rule) => settle({ rule, subject: shown(argv) }, allowedCalls(rules, argv)));
}

function allowedCalls(rules: readonly PolicyRule[], argv: readonly string[]): PolicyRule[] {
  return rules.filter(({ check }) => check.kind === "allow_command" && isCallOf(argv, check.words));
}

function judgeOnly(rules: readonly PolicyRule[], argv: readonly string[]): PolicyVerdict[] {
  return rules.flatMap((rule) => {
    const { check } = rule;
    if (check.kind !== "only_commands" || check.commands.some((words) => isCallOf(argv, words))) return [];
    return [settle({ rule, subject: shown(argv) }, allowedCalls(rules, argv))];
  });
}

const HARMLESS = ["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr"];

/** Paths among the words of a command, also behind `--option=`; the program itself may stand anywhere. */
function judgePlaces(rules: readonly PolicyRule[], argv: readonly string[], root: string): PolicyVerdict[] {
  const places = argv
    .slice(1)
    .map((word) => word.slice(word.startsWith("-") ? word.indexOf("=") + 1 : 0))
    .filter((word) => /^(?:\/[^/]|~(?:\/|$))/.test(word) || word.split("/").includes(".."))
    .filter((word) => word.startsWith("~") || !isBelow(posix.resolve(root, word), root));
  const strangers = places.filter((place) => !HARMLESS.includes(place));
  return rules
    .filter(({ check }) => check.kind === "inside_workspace")
    .flatMap((rule) =>
      strangers.map((subject) =>
        settle(
          { rule, subject },
          rules.filter(({ check }) => check.kind === "allow_paths" && matchesAny(subject, check.globs)),
        ),
      ),
    );
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
}

/** Only the name of what holds a secret is said, never the secret. */
function judgeSecrets(rules: readonly PolicyRule[], { args, commands }: WorkSubject): PolicyVerdict[] {
  const words = Object.fromEntries(
    commands.flatMap((argv) => argv.map((word, at) => [`${argv[0] ?? ""} … ${at}`, word] as const)),
  );
  const subjects = [...secretArguments(args), ...secretArguments(words)];
  return rules
    .filter(({ check }) => check.kind === "no_secrets")
    .flatMap((rule) => subjects.map((subject) => verdictOf({ rule, subject }, "denied")));
}

function judgeTime(rules: readonly PolicyRule[], { usedMs, expectedMs }: WorkSubject): PolicyVerdict[] {
  return rules.flatMap((rule) =>
    rule.check.kind === "worker_time" && usedMs + expectedMs > rule.check.limitMs
      ? [verdictOf({ rule, subject: `${Math.round(rule.check.limitMs / 60_000)} min` }, "denied")]
      : [],
  );
}

/** A prohibition stands unless something strictly stronger allows the same; so of two that contradict, it wins. */
function settle(match: Match, allowing: readonly PolicyRule[]): PolicyVerdict {
  const exception = allowing.filter((rule) => isStronger(rule, match.rule)).toSorted(byPlace)[0];
  if (exception === undefined) return verdictOf(match, "denied");
  return { ...verdictOf(match, "excepted"), exception: refOf(exception) };
}

/** By source, and between two AGENTS.md files by nearness. */
function isStronger(a: PolicyRule, b: PolicyRule): boolean {
  const byRank = POLICY_SOURCES.indexOf(a.source) - POLICY_SOURCES.indexOf(b.source);
  return byRank === 0 ? a.source === "agents_md" && a.depth > b.depth : byRank < 0;
}

function verdictOf({ rule, subject }: Match, outcome: PolicyVerdict["outcome"]): PolicyVerdict {
  return { rule: refOf(rule), kind: rule.check.kind, outcome, subject };
}

export function refOf({ source, file, line, text }: PolicyRef): PolicyRef {
  return { source, file, line, text };
}

function shown(argv: readonly string[]): string {
  const line = withoutSecrets(argv.join(" "));
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/** The same verdicts in the same order, whatever the order of the rules was; none twice. */
function inOrder(verdicts: readonly PolicyVerdict[]): PolicyVerdict[] {
  const keyed = new Map(verdicts.map((verdict) => [JSON.stringify([verdict.rule, verdict.subject]), verdict]));
  return [...keyed.values()].toSorted(
    (a, b) => byPlace(a.rule, b.rule) || compare(a.subject, b.subject) || compare(a.rule.text, b.rule.text),
  );
}

function byPlace(a: PolicyRef, b: PolicyRef): number {
  const byRank = POLICY_SOURCES.indexOf(a.source) - POLICY_SOURCES.indexOf(b.source);
  return byRank || compare(a.file, b.file) || a.line - b.line || compare(a.text, b.text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
