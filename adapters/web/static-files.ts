import { readFileSync } from "node:fs";

/** The files that the browser loads, read once: a path from outside never becomes a path on disk. */
export interface StaticFile {
  readonly type: string;
  readonly body: string;
}

const FILES = {
  "console.css": "text/css; charset=utf-8",
  "console.js": "text/javascript; charset=utf-8",
  "drawn.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;

export function loadStaticFiles(): ReadonlyMap<string, StaticFile> {
  return new Map(
    Object.entries(FILES).map(([name, type]) => [
      name,
      { type, body: readFileSync(new URL(`static/${name}`, import.meta.url), "utf8") },
    ]),
  );
}
