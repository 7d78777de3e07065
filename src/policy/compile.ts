import { posix } from "node:path";
import { parseDocument } from "yaml";
import type { WorkspaceEvidence } from "../contracts/evidence.ts";
import type { Policy, PolicyContext, PolicyRef, PolicyRule } from "../contracts/policy.ts";
import { compileSentence } from "./norms.ts";
import { isPlainGlob } from "./path-globs.ts";
import { isReadable, sentencesOf, shownText, type Sentence } from "./sentences.ts";

type RuleFile = WorkspaceEvidence["ruleFiles"][number];
const LONGEST_TEXT = 400;

/**
 * All rules that hold for a workspace: those of the bot's own files, and what AGENTS.md and Cursor's files say in
 * words that can be checked. Everything else of them is context. Pure, and the same for the same files.
 */
export function compilePolicy(own: readonly PolicyRule[], ruleFiles: readonly RuleFile[]): Policy {
  const compiled = ruleFiles.map(compileRuleFile);
  return {
    rules: [...own, ...compiled.flatMap(({ rules }) => rules)],
    context: compiled.flatMap(({ context }) => context),
  };
}

/** The rules that hold where these are the rule files. */
export type PolicyFor = (ruleFiles: readonly RuleFile[]) => Policy;

/** Compiles each list of rule files once: every part of a run is judged by them, and many files take a second. */
export function policyWith(own: readonly PolicyRule[]): PolicyFor {
  const known = new WeakMap<readonly RuleFile[], Policy>();
  return (ruleFiles) => {
    const policy = known.get(ruleFiles) ?? compilePolicy(own, ruleFiles);
    known.set(ruleFiles, policy);
    return policy;
  };
}

function compileRuleFile({ path, text }: RuleFile): Policy {
  const isAgents = posix.basename(path) === "AGENTS.md";
  const folder = isAgents ? posix.dirname(path).replace(/^\.$/, "") : "";
  const { body, firstLine, unused, globs } = frontMatterOf(path, text);
  const source = isAgents ? "agents_md" : "cursor";
  // Not a part of it alone: what cannot be read may take back what can.
  if (!isReadable(body)) return { rules: [], context: unreadable(body, { source, file: path, line: firstLine }) };
  const rules: PolicyRule[] = [];
  const context: PolicyContext[] = [];
  for (const sentence of sentencesOf(body, firstLine)) {
    const compiled = compileSentence(sentence, folder);
    const ref: PolicyRef = {
      source,
      file: path,
      line: sentence.line,
      text: textOf(sentence, compiled.kind === "checks"),
    };
    if (compiled.kind === "context") {
      // Of headings only what looks like a rule: what it was not taken for must be seen.
      if (sentence.standing !== "heading" || compiled.because !== "no_rule")
        context.push({ ...ref, because: compiled.because });
    } else if (unused !== undefined) context.push({ ...ref, because: unused });
    else {
      const place = {
        depth: folder === "" ? 0 : folder.split("/").length,
        scope: folder === "" ? globs : [`${folder}/**`],
        macros: [],
        tenants: [],
      };
      // The paths of a rule say by themselves where it applies; a nearer file's commands hold for work in its folder.
      rules.push(
        ...compiled.checks.map((check): PolicyRule => {
          const bound = isAgents && check.kind.endsWith("_paths") ? { ...place, scope: [] } : place;
          return { ...ref, ...bound, check };
        }),
      );
    }
  }
  return { rules, context };
}

/** Line by line, so that nobody takes a rule in it for one that holds. */
function unreadable(body: string, first: Omit<PolicyRef, "text">): PolicyContext[] {
  return body.split(/\r\n?|\n/u).flatMap((line, at) => {
    const text = shortened(line.trim());
    return text === "" ? [] : [{ ...first, line: first.line + at, text, because: "too_complex" as const }];
  });
}

function textOf({ shown, lead, codes }: Sentence, isRule: boolean): string {
  const whole = isRule && lead !== undefined && shown.startsWith("`") ? `${shownText(lead, codes)} ${shown}` : shown;
  return shortened(whole);
}

function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
}

interface Front {
  readonly body: string;
  readonly firstLine: number;
  /** Why its rules are not enforced: agents ask for it when they think that they need it, or nobody knows when. */
  readonly unused: "on_request" | "broken_head" | "too_complex" | undefined;
  readonly globs: readonly string[];
}

/** Cursor: `alwaysApply` for all work, `globs` for work on such files, neither: on request. Others have no head. */
function frontMatterOf(path: string, text: string): Omit<Front, "globs"> & { globs: string[] } {
  const head = /^---[ \t]*\r?\n([\s\S]*?)\r?\n?---[ \t]*(?:\r?\n|$)/.exec(text);
  const body = head === null ? text : text.slice(head[0].length);
  const firstLine = head === null ? 1 : head[0].split("\n").length;
  if (!path.endsWith(".mdc")) return { body, firstLine, unused: undefined, globs: [] };
  const read = headOf(head?.[1] ?? "");
  if (read === undefined) return { body, firstLine, unused: "broken_head", globs: [] };
  const { alwaysApply, globs } = read;
  if (alwaysApply) return { body, firstLine, unused: undefined, globs: [] };
  if (!globs.every(isPlainGlob)) return { body, firstLine, unused: "too_complex", globs: [] };
  return { body, firstLine, unused: globs.length > 0 ? undefined : "on_request", globs };
}

/**
 * Undefined where it is no YAML. Cursor writes `globs: *.ts,src/**` without quotes, which is none where it begins with a
 * star.
 */
function headOf(yaml: string): { alwaysApply: boolean; globs: string[] } | undefined {
  const quotable = yaml.replaceAll(
    /^(globs:[ \t]*)([^\s"'[\]#-][^\r\n]*)$/gmu,
    (_, key: string, value: string) => key + JSON.stringify(value.trim()),
  );
  const document = parseDocument(quotable);
  if (document.errors.length > 0) return undefined;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 10 });
  } catch {
    // An alias that means nothing (`description: *bold*`), or far too much.
    return undefined;
  }
  if (typeof value !== "object" || value === null) return { alwaysApply: false, globs: [] };
  const entries: Readonly<Record<string, unknown>> = { ...value };
  const listed = [entries["globs"] ?? []].flat().flatMap((glob) => (typeof glob === "string" ? commaParts(glob) : []));
  return { alwaysApply: entries["alwaysApply"] === true, globs: listed };
}

/** At commas outside of braces. */
function commaParts(list: string): string[] {
  return (
    list
      .split(/,(?![^{]*\})/)
      .map((glob) => glob.trim().replace(/^\.?\//, ""))
      .filter((glob) => glob !== "")
      // As Cursor reads it: a glob without a slash means files of that name in any folder.
      .map((glob) => (glob.includes("/") ? glob : `**/${glob}`))
  );
}
