import { isMap, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { isRecord } from "./is-record.ts";
import { nearestWord } from "./nearest-word.ts";

/** A wrong place in a file that a person wrote; line and column count from 1. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type YamlResult<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** Where the value at a path stands, or its nearest parent. */
      readonly lineOf: (path: readonly PropertyKey[]) => number;
    }
  | { readonly ok: false; readonly problems: FileProblem[] };

/** Aliases beyond this are taken for an attempt to exhaust memory ("billion laughs"). */
const ALIAS_LIMIT = 100;

/**
 * Parses YAML and checks it with a schema. Unknown keys are problems even where the schema would drop them: a
 * misspelled key must not vanish in silence. Each problem says what was expected, what came, and where.
 */
export function parseYaml<S extends z.ZodType>(text: string, file: string, schema: S): YamlResult<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problem = (offset: number, message: string): FileProblem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), message };
  };
  if (document.errors.length > 0) {
    return { ok: false, problems: document.errors.map((error) => problem(error.pos[0], error.message)) };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIAS_LIMIT });
  } catch {
    return { ok: false, problems: [problem(0, `at most ${ALIAS_LIMIT} uses of aliases are expected, more came`)] };
  }

  const unknown = unknownKeys(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }), value);
  const problems = unknown.map(({ path, key, known }) =>
    problem(keyOffset(document, path, key), unknownKeyMessage(key, known)),
  );
  const parsed = schema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (issue.code === "unrecognized_keys") continue;
      problems.push(problem(offsetOf(document, issue.path), describe(issue)));
    }
  }
  if (parsed.success && problems.length === 0) {
    const lineOf = (path: readonly PropertyKey[]): number => lines.linePos(offsetOf(document, path)).line;
    return { ok: true, value: parsed.data, lineOf };
  }
  return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** `coxswain.yaml:12:3: expected …`: the form that editors and terminals make a link of. */
export function formatProblem({ file, line, column, message }: FileProblem): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** "unknown key …, did you mean …": one wording for files and environment. */
export function unknownKeyMessage(key: string, known: readonly string[]): string {
  const meant = nearestWord(key, known, () => (key.length < 4 ? 1 : 2));
  const suggestion = meant === undefined ? "" : ` Did you mean "${meant}"?`;
  return `"${key}" is not known here.${suggestion} Expected one of: ${[...known].sort().join(", ")}.`;
}

/** One issue of a schema in words: where, what was expected, what came. */
export function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? "" : `${z.core.toDotPath(issue.path)}: `;
  const came = issue.input === undefined || typeof issue.input === "object" ? "" : ` (came: ${quoted(issue.input)})`;
  return `${where}${expectation(issue)}${came}`;
}

/** A union says only that nothing fitted; what each of its branches expected is in there. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue.message;
  const branches = issue.errors.map(([first]) => first?.message.replace("Invalid input: ", ""));
  return `Invalid input: ${[...new Set(branches)].join(", or ")}`;
}

function quoted(input: unknown): string {
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (hasRange(node)) return node.range[0];
  }
  return hasRange(document.contents) ? document.contents.range[0] : 0;
}

function keyOffset(document: Document, path: readonly PropertyKey[], key: string): number {
  const parent: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(parent)
    ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
    : undefined;
  return hasRange(pair?.key) ? pair.key.range[0] : offsetOf(document, path);
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

interface UnknownKey {
  readonly path: (string | number)[];
  readonly key: string;
  readonly known: string[];
}

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Keys of `value` that no branch of the schema knows. */
function unknownKeys(root: JsonSchema, value: unknown): UnknownKey[] {
  const found: UnknownKey[] = [];
  const visit = (schemas: JsonSchema[], value: unknown, path: (string | number)[]): void => {
    const branches = schemas.flatMap((schema) => branchesFor(root, schema, value));
    if (Array.isArray(value)) {
      const items = branches.flatMap((branch) => asSchemas(branch.items));
      if (items.length > 0) value.forEach((item, at) => visit(items, item, [...path, at]));
      return;
    }
    if (!isRecord(value)) return;
    const objects = branches.filter(
      (branch) => branch.properties !== undefined || branch.additionalProperties !== undefined,
    );
    if (objects.length === 0) return;
    const known = [...new Set(objects.flatMap((branch) => Object.keys(branch.properties ?? {})))];
    for (const [key, child] of Object.entries(value)) {
      const schemasOfKey = objects.flatMap((branch) =>
        asSchemas(branch.properties?.[key] ?? branch.additionalProperties),
      );
      if (schemasOfKey.length > 0) visit(schemasOfKey, child, [...path, key]);
      else if (!objects.some((branch) => branch.additionalProperties === true)) found.push({ path, key, known });
    }
  };
  visit([root], value, []);
  return found;
}

/** Resolves references and unions; of a union tagged by constants, only the branches whose tags fit the value. */
function branchesFor(root: JsonSchema, schema: JsonSchema, value: unknown): JsonSchema[] {
  if (schema.$ref !== undefined) {
    const target = schema.$ref === "#" ? root : root.$defs?.[schema.$ref.replace("#/$defs/", "")];
    return asSchemas(target).flatMap((found) => branchesFor(root, found, value));
  }
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap(asSchemas);
  if (parts.length === 0) return [schema];
  const branches = parts.flatMap((part) => branchesFor(root, part, value));
  const fitting = branches.filter((branch) => tagsFit(branch, value));
  return fitting.length > 0 ? fitting : branches;
}

function tagsFit(branch: JsonSchema, value: unknown): boolean {
  if (!isRecord(value)) return true;
  return Object.entries(branch.properties ?? {}).every(
    ([key, property]) => typeof property === "boolean" || property.const === undefined || property.const === value[key],
  );
}

function asSchemas(schema: unknown): JsonSchema[] {
  return isRecord(schema) ? [schema] : [];
}
