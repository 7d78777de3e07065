import { posix } from "node:path";
import * as linguist from "linguist-languages";
import type { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import { isOwnWork } from "./own-work.ts";

const LIMIT = 30;

/** Where several languages claim an extension, and their lists do not say which one is usual. */
const USUAL: Readonly<Record<string, string>> = {
  ".as": "ActionScript",
  ".asm": "Assembly",
  ".bas": "BASIC",
  ".cl": "OpenCL",
  ".d": "D",
  ".f": "Fortran",
  ".fs": "F#",
  ".h": "C",
  ".hh": "C++",
  ".html": "HTML",
  ".inc": "PHP",
  ".l": "Lex",
  ".m": "Objective-C",
  ".md": "Markdown",
  ".ml": "OCaml",
  ".nu": "Nushell",
  ".pl": "Perl",
  ".pm": "Perl",
  ".r": "R",
  ".rs": "Rust",
  ".scm": "Scheme",
  ".t": "Perl",
  ".v": "Verilog",
};

const ALL: readonly linguist.Language[] = Object.values(linguist);
const BY_EXTENSION = byExtension();
const BY_FILE_NAME = new Map(ALL.flatMap((language) => (language.filenames ?? []).map((name) => [name, language])));

/** The usual language; else the first that lists an extension as its main one; else the first that lists it at all. */
function byExtension(): ReadonlyMap<string, linguist.Language> {
  const usual = ALL.flatMap((language) =>
    Object.entries(USUAL).flatMap(([extension, name]) => (name === language.name ? [{ extension, language }] : [])),
  );
  const main = ALL.flatMap((language) =>
    (language.extensions ?? []).slice(0, 1).map((extension) => ({ extension, language })),
  );
  const listed = ALL.flatMap((language) => (language.extensions ?? []).map((extension) => ({ extension, language })));
  const found = new Map<string, linguist.Language>();
  for (const { extension, language } of [...usual, ...main, ...listed]) {
    if (!found.has(extension)) found.set(extension, language);
  }
  return found;
}

/** Programming and markup languages of the repository's own files, the most used first (data: linguist). */
export function languagesOf(paths: readonly string[]): WorkspaceEvidence["languages"] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const name = isOwnWork(path) ? languageOf(posix.basename(path)) : undefined;
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, files]) => ({ name, files }))
    .sort((a, b) => b.files - a.files || (a.name < b.name ? -1 : 1))
    .slice(0, LIMIT);
}

function languageOf(fileName: string): string | undefined {
  const extension = posix.extname(fileName);
  const language =
    BY_FILE_NAME.get(fileName) ?? BY_EXTENSION.get(extension) ?? BY_EXTENSION.get(extension.toLowerCase());
  return language?.type === "programming" || language?.type === "markup" ? language.name : undefined;
}
