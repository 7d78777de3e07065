import type { Translator } from "../../src/i18n.ts";
import { plainText } from "../../src/plain-text.ts";
import { view, type Markup } from "./markup.ts";

interface ListedFile {
  readonly path: string;
  readonly label?: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The files of a run: to read in the page, to download, and how to tell that they are the same. */
export function fileList(runId: string, files: readonly ListedFile[], words: Translator): Markup {
  return view`<ul class="files">${files.map(({ path, label, sha256, bytes }) => {
    const query = `path=${encodeURIComponent(path)}`;
    return view`<li><a href="/runs/${runId}/file?${query}">${label === undefined ? "" : `${label} `}<code>${plainText(path)}</code></a> <span class="muted">${words.t("web.file.size", { bytes })}</span> <a href="/runs/${runId}/file?${query}&amp;download=1" class="quiet">${words.t("web.file.download")}<span class="unseen"> ${plainText(path)}</span></a> <code class="hash muted" title="SHA-256">${sha256.slice(0, 12)}</code></li>`;
  })}</ul>`;
}
