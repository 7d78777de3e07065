import { z } from "zod";
import type { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import type { Tree } from "./tree.ts";

type TestCommand = NonNullable<WorkspaceEvidence["testCommand"]>;

const PackageJson = z.object({
  scripts: z.record(z.string(), z.unknown()).optional(),
  packageManager: z.string().optional(),
});

/** What `npm init` writes: it only says that there are no tests, and fails. */
const NPM_PLACEHOLDER = "no test specified";

/** How the repository runs its own tests, by the first file at its root that says so; null where none does. */
export async function testCommandOf(tree: Tree): Promise<TestCommand | null> {
  const names = [
    "package.json",
    "Cargo.toml",
    "go.mod",
    "pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
    "Makefile",
  ];
  const texts = await tree.read(names);
  const has = (path: string): boolean => tree.files.some((file) => file.path === path);
  return npmScript(texts.get("package.json"), has) ?? otherCommand(texts) ?? null;
}

/** The build script of the manifest at the root, as a release would run it; null where there is none. */
export async function buildCommandOf(tree: Tree): Promise<TestCommand | null> {
  const texts = await tree.read(["package.json"]);
  const manifest = PackageJson.safeParse(parsedOrUndefined(texts.get("package.json")));
  const script = manifest.data?.scripts?.["build"];
  if (typeof script !== "string" || script.trim() === "") return null;
  const has = (path: string): boolean => tree.files.some((file) => file.path === path);
  const program = programOf(manifest.data?.packageManager ?? "", has);
  return { argv: [program, "run", "build"], source: "package.json scripts.build" };
}

function npmScript(text: string | undefined, has: (path: string) => boolean): TestCommand | undefined {
  const manifest = PackageJson.safeParse(parsedOrUndefined(text));
  const script = manifest.data?.scripts?.["test"];
  if (typeof script !== "string" || script.trim() === "" || script.includes(NPM_PLACEHOLDER)) return undefined;
  const program = programOf(manifest.data?.packageManager ?? "", has);
  // Not `bun test`, which is bun's own runner and passes the script by.
  const argv = program === "bun" ? ["bun", "run", "test"] : [program, "test"];
  return { argv, source: "package.json scripts.test" };
}

function programOf(wanted: string, has: (path: string) => boolean): string {
  if (wanted.startsWith("pnpm@") || has("pnpm-lock.yaml")) return "pnpm";
  if (wanted.startsWith("yarn@") || has("yarn.lock")) return "yarn";
  if (wanted.startsWith("bun@") || has("bun.lock") || has("bun.lockb")) return "bun";
  return "npm";
}

function otherCommand(texts: ReadonlyMap<string, string>): TestCommand | undefined {
  const signs: readonly { file: string; says: RegExp; argv: string[]; key: string }[] = [
    { file: "Cargo.toml", says: /^\[(package|workspace)\]/m, argv: ["cargo", "test"], key: "package" },
    { file: "go.mod", says: /^module\s/m, argv: ["go", "test", "./..."], key: "module" },
    { file: "pytest.ini", says: /^/, argv: ["pytest"], key: "pytest" },
    { file: "pyproject.toml", says: /^\[tool\.pytest\b/m, argv: ["pytest"], key: "tool.pytest" },
    { file: "tox.ini", says: /^\[pytest\]/m, argv: ["pytest"], key: "pytest" },
    { file: "setup.cfg", says: /^\[tool:pytest\]/m, argv: ["pytest"], key: "tool:pytest" },
    { file: "Makefile", says: /^test\s*:(?!=)/m, argv: ["make", "test"], key: "test" },
  ];
  const sign = signs.find(({ file, says }) => says.test(texts.get(file) ?? "") && texts.has(file));
  return sign === undefined ? undefined : { argv: sign.argv, source: `${sign.file} ${sign.key}` };
}

function parsedOrUndefined(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
