import { parse as parseToml } from "smol-toml";
import { z } from "zod";

const Json = z.object({ version: z.string().optional() });
const Cargo = z.object({ package: z.object({ version: z.string().optional() }).optional() });
const PyProject = z.object({
  project: z.object({ version: z.string().optional() }).optional(),
  tool: z.object({ poetry: z.object({ version: z.string().optional() }).optional() }).optional(),
});

const FILES: Readonly<Record<string, (text: string) => string | undefined>> = {
  "package.json": (text) => Json.safeParse(JSON.parse(text)).data?.version,
  "Cargo.toml": (text) => Cargo.safeParse(parseToml(text)).data?.package?.version,
  "pyproject.toml": (text) => pythonVersion(PyProject.safeParse(parseToml(text)).data),
  VERSION: (text) => text.trim().split("\n")[0],
};

/** The files at the top level of a project that may name its version, the one that counts first. */
export const VERSION_FILES = Object.keys(FILES);

/** The version that the text of such a file names; undefined where it names none or cannot be read. */
export function versionNamedIn(file: string, text: string): string | undefined {
  try {
    const version = FILES[file]?.(text.replace(/^\uFEFF/, ""))?.trim();
    return version === "" ? undefined : version;
  } catch {
    return undefined;
  }
}

function pythonVersion(manifest: z.infer<typeof PyProject> | undefined): string | undefined {
  return manifest?.project?.version ?? manifest?.tool?.poetry?.version;
}
