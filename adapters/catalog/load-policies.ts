import { join } from "node:path";
import { PoliciesFile, type PolicyCheck, type PolicyRule } from "../../src/contracts/policy.ts";
import { parseYaml, type FileProblem } from "../../src/yaml.ts";
import { readConfigFile } from "./config-files.ts";

type LineOf = (path: readonly PropertyKey[]) => number;

/**
 * The rules of `policies.yaml` in each folder that has one. They add up: a later folder takes nothing away from an
 * earlier one. The shipped file is named as it stands in the repository, others by their whole path.
 */
export async function loadPolicies(folders: readonly string[], problems: FileProblem[]): Promise<PolicyRule[]> {
  const rules: PolicyRule[] = [];
  for (const [at, folder] of folders.entries()) {
    const path = join(folder, "policies.yaml");
    const read = await readConfigFile(path);
    if (!read.ok) {
      if (!read.missing) problems.push({ file: path, line: 1, column: 1, message: read.message });
      continue;
    }
    const parsed = parseYaml(read.text, path, PoliciesFile);
    if (parsed.ok) rules.push(...rulesOf(at === 0 ? "config/policies.yaml" : path, parsed.value, parsed.lineOf));
    else problems.push(...parsed.problems);
  }
  return rules;
}

function rulesOf(file: string, { rules, security, fairness }: PoliciesFile, lineOf: LineOf): PolicyRule[] {
  const rule = (
    path: readonly PropertyKey[],
    source: PolicyRule["source"],
    text: string,
    check: PolicyCheck,
    { macros, tenants }: Pick<PolicyRule, "macros" | "tenants"> = { macros: [], tenants: [] },
  ): PolicyRule => ({ source, file, line: lineOf(path), text, check, depth: 0, scope: [], macros, tenants });
  const own = rules.flatMap((entry, at) => {
    const { id, reason, deny, allow, require } = entry;
    const why = reason === undefined ? "" : ` (${reason.en})`;
    const made = (path: readonly PropertyKey[], words: string, check: PolicyCheck): PolicyRule =>
      rule(["rules", at, ...path], "policies_file", `${id}: ${words}${why}`, check, entry);
    const paths = (key: "deny" | "allow", globs: readonly string[] = []): PolicyRule[] =>
      globs.map((glob, n) => made([key, "paths", n], `${key} ${glob}`, { kind: `${key}_paths`, globs: [glob] }));
    const commands = (key: "deny" | "allow", lines: readonly string[] = []): PolicyRule[] =>
      lines.map((line, n) =>
        made([key, "commands", n], `${key} ${line}`, { kind: `${key}_command`, words: wordsOf(line) }),
      );
    return [
      ...paths("deny", deny?.paths),
      ...commands("deny", deny?.commands),
      ...paths("allow", allow?.paths),
      ...commands("allow", allow?.commands),
      ...(require === undefined
        ? []
        : [
            made(["require", "command"], `require ${require.command}`, {
              kind: "require_command",
              words: wordsOf(require.command),
            }),
          ]),
    ];
  });
  const { denyCommands, onlyCommands, sensitiveFiles, pathsOutsideWorkspace, secretsInArguments } = security;
  const secure = (path: readonly PropertyKey[], text: string, check: PolicyCheck): PolicyRule =>
    rule(["security", ...path], "security", text, check);
  return [
    ...own,
    ...denyCommands.map((line, n) =>
      secure(["denyCommands", n], `denyCommands: ${line}`, { kind: "deny_command", words: wordsOf(line) }),
    ),
    ...(onlyCommands.length === 0
      ? []
      : [
          secure(["onlyCommands"], `onlyCommands: ${onlyCommands.join(", ")}`, {
            kind: "only_commands",
            commands: onlyCommands.map(wordsOf),
          }),
        ]),
    ...sensitiveFiles.map((glob, n) =>
      secure(["sensitiveFiles", n], `sensitiveFiles: ${glob}`, { kind: "deny_paths", globs: [glob] }),
    ),
    ...(pathsOutsideWorkspace === "allow"
      ? []
      : [secure(["pathsOutsideWorkspace"], "pathsOutsideWorkspace: deny", { kind: "inside_workspace" })]),
    ...(secretsInArguments === "allow"
      ? []
      : [secure(["secretsInArguments"], "secretsInArguments: deny", { kind: "no_secrets" })]),
    ...fairness.map(({ id, maxWorkerMinutesPerRun, macros, tenants }, n) =>
      rule(
        ["fairness", n, "maxWorkerMinutesPerRun"],
        "fairness",
        `${id}: maxWorkerMinutesPerRun ${maxWorkerMinutesPerRun}`,
        { kind: "worker_time", limitMs: Math.max(1, Math.round(maxWorkerMinutesPerRun * 60_000)) },
        { macros, tenants },
      ),
    ),
  ];
}

function wordsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}
