import type { TrackedFile } from "./tracked-files.ts";

/** How one ecosystem names what a project needs, and where it writes down the exact versions. */
export interface Ecosystem {
  readonly name: string;
  readonly manifest: RegExp;
  /** Lock files beside the manifest, or in a folder above it. */
  readonly locks: readonly string[];
  /** A manifest without this declares nothing that a lock could hold. */
  readonly declares: RegExp;
}

export const ECOSYSTEMS: readonly Ecosystem[] = [
  {
    name: "npm",
    manifest: /^package\.json$/,
    locks: ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"],
    declares: /"(?:dev|optional)?dependencies"/i,
  },
  {
    name: "Python",
    manifest: /^pyproject\.toml$/,
    locks: ["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "requirements.txt"],
    declares: /dependencies/,
  },
  { name: "Python", manifest: /^Pipfile$/, locks: ["Pipfile.lock"], declares: /\[(dev-)?packages\]/ },
  // The file is manifest and lock in one.
  { name: "Python", manifest: /^requirements[^/]*\.txt$/, locks: [], declares: /$^/ },
  { name: "Rust", manifest: /^Cargo\.toml$/, locks: ["Cargo.lock"], declares: /dependencies/ },
  { name: "Go", manifest: /^go\.mod$/, locks: ["go.sum"], declares: /^\s*require\b/m },
  { name: "Ruby", manifest: /^Gemfile$/, locks: ["Gemfile.lock"], declares: /^\s*gem\b/m },
  { name: "PHP", manifest: /^composer\.json$/, locks: ["composer.lock"], declares: /"require/ },
  { name: "Java", manifest: /^(pom\.xml|build\.gradle(\.kts)?)$/, locks: [], declares: /$^/ },
  { name: ".NET", manifest: /\.(cs|fs|vb)proj$/, locks: [], declares: /$^/ },
];

/** Not the project's own: installed, copied in, or made up for tests. */
const FOREIGN = /(^|\/)(node_modules|vendor|third_party|fixtures|__fixtures__|testdata)\//;

export interface Manifest {
  readonly path: string;
  /** With a `/` at its end; empty at the root. */
  readonly folder: string;
  readonly ecosystem: Ecosystem;
}

/** The manifests of a workspace, and how many were left aside because they are not the project's own. */
export function manifestsIn(files: readonly TrackedFile[]): { manifests: Manifest[]; foreign: number } {
  const all = files.filter((file) => file.kind === "file").flatMap(({ path }) => manifestOf(path) ?? []);
  const manifests = all.filter(({ path }) => !FOREIGN.test(path));
  return { manifests, foreign: all.length - manifests.length };
}

function manifestOf(path: string): Manifest | undefined {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const ecosystem = ECOSYSTEMS.find(({ manifest }) => manifest.test(path.slice(folder.length)));
  return ecosystem === undefined ? undefined : { path, folder, ecosystem };
}

/** The nearest lock file for a manifest: beside it, or above it, where workspaces keep theirs. */
export function lockOf({ folder, ecosystem }: Manifest, paths: ReadonlySet<string>): string | undefined {
  for (let at = folder; ; at = at.slice(0, at.lastIndexOf("/", at.length - 2) + 1)) {
    const lock = ecosystem.locks.map((name) => at + name).find((path) => paths.has(path));
    if (lock !== undefined || at === "") return lock;
  }
}
