import { VERSION_FILES, versionNamedIn } from "../../src/named-versions.ts";
import { readContent, type TextContent } from "./file-content.ts";
import { jsonLines } from "./package-json.ts";

/** A version that a file at the top level names, with its place. */
export interface NamedVersion {
  readonly version: string;
  readonly content: TextContent;
  readonly line: number;
}

/** The versions that the project's own files name, the one that counts first. Files that cannot be read are left out. */
export async function namedVersions(): Promise<NamedVersion[]> {
  const found: NamedVersion[] = [];
  for (const path of VERSION_FILES) {
    const content = await readContent(path);
    if (content.kind !== "text") continue;
    const version = versionNamedIn(path, content.text);
    if (version !== undefined) found.push({ version, content, line: lineOf(content, version) });
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
