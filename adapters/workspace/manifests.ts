import { posix } from "node:path";
import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import type { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import type { Text } from "../../src/contracts/text.ts";
import { keyed } from "../../src/i18n.ts";
import { isOwnWork } from "./own-work.ts";
import type { Tree } from "./tree.ts";

const LIMIT = 200;

const Names = z.record(z.string(), z.unknown()).default({});
const List = z.array(z.unknown()).default([]);

const PackageJson = z.object({
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
});
const ComposerJson = z.object({ require: Names, "require-dev": Names });
const CargoSection = z.object({ dependencies: Names, "dev-dependencies": Names, "build-dependencies": Names });
const CargoToml = CargoSection.extend({
  target: z.record(z.string(), CargoSection).default({}),
  workspace: z.object({ dependencies: Names }).optional(),
});
const PoetryGroup = z.object({ dependencies: Names });
const PyProject = z.object({
  project: z.object({ dependencies: List, "optional-dependencies": z.record(z.string(), List).default({}) }).optional(),
  "dependency-groups": z.record(z.string(), List).default({}),
  tool: z
    .object({
      poetry: PoetryGroup.extend({
        "dev-dependencies": Names,
        group: z.record(z.string(), PoetryGroup).default({}),
      }).optional(),
    })
    .optional(),
});

interface Ecosystem {
  readonly ecosystem: string;
  readonly isManifest: (fileName: string) => boolean;
  /** Number of direct dependencies that the text asks for; throws where it is not what it should be. */
  readonly count: (text: string) => number;
}

const named =
  (...names: string[]) =>
  (fileName: string): boolean =>
    names.includes(fileName);
const matches = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
const keys = (...records: Record<string, unknown>[]): string[] => records.flatMap((record) => Object.keys(record));
const distinct = (names: readonly unknown[]): number => new Set(names).size;

const ECOSYSTEMS: readonly Ecosystem[] = [
  { ecosystem: "npm", isManifest: named("package.json"), count: countPackageJson },
  { ecosystem: "pypi", isManifest: named("pyproject.toml"), count: countPyProject },
  {
    ecosystem: "pypi",
    isManifest: (fileName) => /^requirements([-_.][\w.-]+)?\.txt$/.test(fileName),
    // Options (-r other.txt, --hash) and comments are no dependencies.
    count: (text) => matches(text, /^[ \t]*[A-Za-z0-9]/gm),
  },
  { ecosystem: "cargo", isManifest: named("Cargo.toml"), count: countCargo },
  { ecosystem: "go", isManifest: named("go.mod"), count: countGo },
  {
    ecosystem: "maven",
    isManifest: named("pom.xml"),
    count: (text) => matches(text.replace(/<!--[\s\S]*?-->/g, ""), /<dependency>/g),
  },
  {
    ecosystem: "gradle",
    isManifest: named("build.gradle", "build.gradle.kts"),
    count: (text) =>
      matches(
        text,
        /^\s*(?:\w*(?:Implementation|Api|CompileOnly|RuntimeOnly)|implementation|api|compileOnly|runtimeOnly|annotationProcessor|kapt|ksp)[\s(]+\S/gm,
      ),
  },
  { ecosystem: "rubygems", isManifest: named("Gemfile"), count: (text) => matches(text, /^\s*gem[\s(]+["']/gm) },
  { ecosystem: "packagist", isManifest: named("composer.json"), count: countComposer },
];

const LOCKFILES = new Set([
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "bun.lockb",
  "poetry.lock",
  "uv.lock",
  "pdm.lock",
  "Pipfile.lock",
  "Cargo.lock",
  "go.sum",
  "gradle.lockfile",
  "Gemfile.lock",
  "composer.lock",
]);

/** Manifests of the repository's own packages with the number of their direct dependencies. */
export async function manifestsOf(tree: Tree): Promise<{ manifests: WorkspaceEvidence["manifests"]; gaps: Text[] }> {
  const found = tree.files.flatMap(({ path, kind }) => {
    const ecosystem = kind === "file" && isOwnWork(path) ? ecosystemOf(path) : undefined;
    return ecosystem === undefined ? [] : [{ path, ecosystem }];
  });
  const listed = found.slice(0, LIMIT);
  const texts = await tree.read(listed.map(({ path }) => path));
  const gaps = found.length > LIMIT ? [keyed("workspace.gap.manifests_cut", { read: LIMIT, total: found.length })] : [];
  const manifests = listed.map(({ path, ecosystem: { ecosystem, count } }) => {
    try {
      return { path, ecosystem, dependencies: count(z.string().parse(texts.get(path))) };
    } catch {
      gaps.push(keyed("workspace.gap.manifest_unreadable", { path }));
      return { path, ecosystem, dependencies: 0 };
    }
  });
  return { manifests, gaps };
}

export function lockfilesOf(tree: Tree): string[] {
  return tree.files.map(({ path }) => path).filter((path) => LOCKFILES.has(posix.basename(path)) && isOwnWork(path));
}

function ecosystemOf(path: string): Ecosystem | undefined {
  return ECOSYSTEMS.find(({ isManifest }) => isManifest(posix.basename(path)));
}

function countPackageJson(text: string): number {
  const manifest = PackageJson.parse(JSON.parse(text));
  return distinct(
    keys(manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies, manifest.peerDependencies),
  );
}

function countComposer(text: string): number {
  const manifest = ComposerJson.parse(JSON.parse(text));
  // PHP itself and its extensions are platform, not packages.
  return distinct(keys(manifest.require, manifest["require-dev"]).filter((name) => name.includes("/")));
}

function countCargo(text: string): number {
  const manifest = CargoToml.parse(parseToml(text));
  const sections = [manifest, ...Object.values(manifest.target)];
  const own = sections.flatMap((section) =>
    keys(section.dependencies, section["dev-dependencies"], section["build-dependencies"]),
  );
  return distinct([...own, ...keys(manifest.workspace?.dependencies ?? {})]);
}

function countPyProject(text: string): number {
  const { project, tool, "dependency-groups": groups } = PyProject.parse(parseToml(text));
  const poetry = tool?.poetry;
  const poetryNames = keys(
    poetry?.dependencies ?? {},
    poetry?.["dev-dependencies"] ?? {},
    ...Object.values(poetry?.group ?? {}).map(({ dependencies }) => dependencies),
  ).filter((name) => name !== "python");
  const lists = [
    project?.dependencies ?? [],
    ...Object.values(project?.["optional-dependencies"] ?? {}),
    ...Object.values(groups),
  ];
  // In a group an object includes another group, which is counted by itself.
  return distinct([...lists.flat().filter((entry) => typeof entry === "string"), ...poetryNames]);
}

/** `require` lines of go.mod, in blocks and single; the form is fixed by the Go modules reference. */
function countGo(text: string): number {
  const lines = text.replace(/\/\/.*$/gm, "");
  const blocks = [...lines.matchAll(/^require\s*\(([\s\S]*?)^\)/gm)].map(([, block = ""]) => block);
  return (
    matches(lines, /^require\s+[^\s(]+\s+v/gm) +
    blocks.reduce((sum, block) => sum + matches(block, /^\s*\S+\s+v\S+/gm), 0)
  );
}
