import semver from "semver";
import { isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";

const Names = z.record(z.string(), z.string());
/** The parts of a package.json that the checks read. */
export const PackageJson = z.object({
  private: z.boolean().optional(),
  dependencies: Names.default({}),
  devDependencies: Names.default({}),
  optionalDependencies: Names.default({}),
});
export type PackageJson = z.infer<typeof PackageJson>;

/** What npm writes into the lock file about each manifest (lockfileVersion 2 and 3). */
export const PackageLock = z.object({
  lockfileVersion: z.number(),
  packages: z
    .record(
      z.string(),
      z.object({
        version: z.string().optional(),
        dependencies: Names.default({}),
        devDependencies: Names.default({}),
        optionalDependencies: Names.default({}),
      }),
    )
    .optional(),
});
export type PackageLock = z.infer<typeof PackageLock>;

export const SECTIONS = ["dependencies", "devDependencies", "optionalDependencies"] as const;
export type Section = (typeof SECTIONS)[number];

/** Parses JSON with a schema; undefined where it is no such JSON. */
export function parseJson<S extends z.ZodType>(schema: S, text: string): z.output<S> | undefined {
  try {
    return schema.safeParse(JSON.parse(text.replace(/^\uFEFF/, ""))).data;
  } catch {
    return undefined;
  }
}

/** Finds the line of a key; JSON is YAML, and the YAML parser keeps places. */
export function jsonLines(text: string): (path: readonly string[]) => number {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, logLevel: "silent" });
  return (path) => {
    const node: unknown = document.getIn(path, true);
    return isScalar(node) && node.range ? counter.linePos(node.range[0]).line : 1;
  };
}

export interface Difference {
  readonly section: Section;
  readonly name: string;
  readonly manifest: string | undefined;
  readonly lock: string | undefined;
}

/** Where the manifest and the lock file's own record of it say different things. */
export function differences(manifest: PackageJson, locked: Pick<PackageJson, Section>): Difference[] {
  return SECTIONS.flatMap((section) => {
    // npm keeps a package of both sections in the lock's optional one only.
    const wanted = Object.entries(manifest[section]).filter(
      ([name]) => section === "optionalDependencies" || !Object.hasOwn(manifest.optionalDependencies, name),
    );
    const known = new Map(Object.entries(locked[section]));
    const changed = wanted
      .filter(([name, spec]) => known.get(name) !== spec)
      .map(([name, spec]) => ({ section, name, manifest: spec, lock: known.get(name) }));
    const names = new Set(wanted.map(([name]) => name));
    const extra = [...known]
      .filter(([name]) => !names.has(name) && !Object.hasOwn(manifest[section], name))
      .map(([name, spec]) => ({ section, name, manifest: undefined, lock: spec }));
    return [...changed, ...extra];
  });
}

const LOCAL = /^(workspace:|file:|link:|portal:|catalog:|patch:|\.|\/|~\/)/;
const REMOTE = /^(git[+:@]|https?:|ssh:|github:|gitlab:|bitbucket:|gist:|[^@/\s]+\/[^/\s]+$)/;
const FULL_COMMIT = /#[0-9a-f]{40}$/;

/** Would the same line bring something else tomorrow, with no bound? */
export function isUnpinned(spec: string): boolean {
  const plain = spec.trim().replace(/^npm:(@[^/]+\/)?[^@]+@?/, "");
  if (LOCAL.test(plain)) return false;
  if (REMOTE.test(plain)) return !FULL_COMMIT.test(plain);
  const range = semver.validRange(plain);
  // No range: a tag such as `latest`.
  return range === null || range === "*" || range === "";
}

const TOOLS =
  /^(typescript|eslint|prettier|jest|vitest|mocha|ava|tap|nyc|c8|nodemon|ts-node|tsx|husky|lint-staged|oxlint|knip|rimraf|webpack-dev-server|@types\/.+|eslint-.+|@typescript-eslint\/.+|@testing-library\/.+)$/;

/** Packages that only developers need, in the list that everyone installs. A library's types may belong there. */
export function misplaced(manifest: PackageJson): string[] {
  return Object.keys(manifest.dependencies).filter(
    (name) => TOOLS.test(name) && (manifest.private === true || !name.startsWith("@types/")),
  );
}
