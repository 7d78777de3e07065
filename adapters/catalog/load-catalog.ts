import { z } from "zod";
import { AgentCard, CapabilityIndex } from "../../src/contracts/agent.ts";
import { Macro } from "../../src/contracts/macro.ts";
import { InputError } from "../../src/errors.ts";
import type { Catalog } from "../../src/ports.ts";
import { formatProblem, parseYaml, type FileProblem } from "../../src/yaml.ts";
import { macroProblems } from "./check-macro.ts";
import { readConfigFile, yamlFilesIn } from "./config-files.ts";
import { loadPolicies } from "./load-policies.ts";

export interface CatalogSources {
  /**
   * Folders with `macros/`, `agents/` and `policies.yaml`, the shipped one first. Macros and agents of a later one
   * replace those with the same id of an earlier; rules add up.
   */
  readonly configFolders: readonly string[];
  /** Searched in this order (G22). */
  readonly capabilityIndexFiles: readonly { readonly layer: string; readonly path: string }[];
  /** Ways to run agents that there are beside `command`. */
  readonly furtherRuntimes?: readonly string[];
  /** Told when a later folder replaces something. */
  readonly onNotice?: (notice: string) => void;
}

type Problems = FileProblem[];
interface Loaded<T> {
  readonly value: T;
  readonly file: string;
  readonly folder: string;
  readonly line: number;
}

/**
 * Reads all macros, agents, capability indexes and policy rules. Throws one InputError `config.invalid` that names every
 * mistake of every file, each with file, line and column, what was expected, what came and how to mend it.
 */
export async function loadCatalog(sources: CatalogSources): Promise<Catalog> {
  const { configFolders, capabilityIndexFiles, furtherRuntimes = [], onNotice } = sources;
  const problems: Problems = [];
  const notice = onNotice ?? (() => {});
  const macros = await loadKind("macros", Macro, macroProblems, configFolders, problems, notice);
  const agents = await loadKind(
    "agents",
    AgentCard,
    agentProblems(["command", ...furtherRuntimes]),
    configFolders,
    problems,
    notice,
  );
  const capabilityLayers: Catalog["capabilityLayers"][number][] = [];
  for (const { layer, path } of capabilityIndexFiles) {
    const index = await loadFile(path, CapabilityIndex, problems);
    if (index !== undefined) capabilityLayers.push({ layer, index: index.value });
  }
  const policyRules = await loadPolicies(configFolders, problems);
  if (problems.length > 0) {
    const count = problems.length === 1 ? "There is a mistake" : `There are ${problems.length} mistakes`;
    throw new InputError(
      "config.invalid",
      [`${count} in the configuration.`, ...problems.map(formatProblem)].join("\n"),
    );
  }
  return { macros, agents, capabilityLayers, policyRules };
}

/** Mistakes of an agent that its schema cannot see. */
function agentProblems(runtimes: readonly string[]): Check<AgentCard> {
  return ({ runtime, argv }) => {
    if (!runtimes.includes(runtime)) {
      return [{ path: ["runtime"], message: `one of ${runtimes.join(", ")} was expected, "${runtime}" came` }];
    }
    if (runtime !== "command" || argv.length > 0) return [];
    return [{ path: ["argv"], message: "a program with its arguments was expected, none came" }];
  };
}

type Check<T> = (value: T) => { readonly path: readonly PropertyKey[]; readonly message: string }[];

async function loadKind<S extends z.ZodType<{ id: string }>>(
  kind: "macros" | "agents",
  schema: S,
  check: Check<z.output<S>>,
  folders: readonly string[],
  problems: Problems,
  notice: (notice: string) => void,
): Promise<z.output<S>[]> {
  const byId = new Map<string, Loaded<z.output<S>>>();
  for (const folder of folders) {
    for (const file of await yamlFilesIn(`${folder}/${kind}`)) {
      const parsed = await loadFile(file, schema, problems);
      if (parsed === undefined) continue;
      const { value, lineOf } = parsed;
      for (const { path, message } of check(value)) {
        problems.push({ file, line: lineOf(path), column: 1, message: `${z.core.toDotPath([...path])}: ${message}` });
      }
      const before = byId.get(value.id);
      const line = lineOf(["id"]);
      if (before?.folder === folder) {
        const message = `id: a name that is not taken was expected; "${value.id}" is taken by ${before.file}:${before.line}. Choose another id.`;
        problems.push({ file, line, column: 1, message });
      } else if (before !== undefined) {
        notice(`${file} replaces "${value.id}" of ${before.file}.`);
      }
      byId.set(value.id, { value, file, folder, line });
    }
  }
  return [...byId.values()].map(({ value }) => value);
}

async function loadFile<S extends z.ZodType>(
  file: string,
  schema: S,
  problems: Problems,
): Promise<{ value: z.output<S>; lineOf: (path: readonly PropertyKey[]) => number } | undefined> {
  const read = await readConfigFile(file);
  if (!read.ok) {
    problems.push({ file, line: 1, column: 1, message: read.message });
    return undefined;
  }
  const parsed = parseYaml(read.text, file, schema);
  if (parsed.ok) return parsed;
  problems.push(...parsed.problems);
  return undefined;
}
