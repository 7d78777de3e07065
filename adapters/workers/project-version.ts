import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import { readContent, type TextContent } from "./file-content.ts";
import { jsonLines, parseJson } from "./package-json.ts";

/** A version that a file at the top level names, with its place. */
export interface NamedVersion {
  readonly version: string;
  readonly content: TextContent;
  readonly line: number;
}

const Json = z.object({ version: z.string().optional() });
const Cargo = z.object({ package: z.object({ version: z.string().optional() }).optional() });
const PyProject = z.object({
  project: z.object({ version: z.string().optional() }).optional(),
  tool: z.object({ poetry: z.object({ version: z.string().optional() }).optional() }).optional(),
});

const FILES: readonly (readonly [string, (text: string) => string | undefined])[] = [
  ["package.json", (text) => parseJson(Json, text)?.version],
  ["Cargo.toml", (text) => toml(Cargo, text)?.package?.version],
  ["pyproject.toml", (text) => pythonVersion(toml(PyProject, text))],
  ["VERSION", (text) => text.trim().split("\n")[0]],
];

/** The versions that the project's own files name, the one that counts first. Files that cannot be read are left out. */
export async function namedVersions(): Promise<NamedVersion[]> {
  const found: NamedVersion[] = [];
  for (const [path, versionIn] of FILES) {
    const content = await readContent(path);
    if (content.kind !== "text") continue;
    const version = versionIn(content.text)?.trim();
    if (version !== undefined && version !== "") found.push({ version, content, line: lineOf(content, version) });
  }
  return found;
}

function lineOf({ path, text, lines }: TextContent, version: string): number {
  if (path.endsWith(".json")) return jsonLines(text)(["version"]);
  return (
    Math.max(
      0,
      lines.findIndex((line) => line.includes(version)),
    ) + 1
  );
}

function pythonVersion(manifest: z.infer<typeof PyProject> | undefined): string | undefined {
  return manifest?.project?.version ?? manifest?.tool?.poetry?.version;
}

function toml<S extends z.ZodType>(schema: S, text: string): z.output<S> | undefined {
  try {
    return schema.safeParse(parseToml(text)).data;
  } catch {
    return undefined;
  }
}
