import { lintSource } from "@secretlint/core";
import { secretLintProfiler } from "@secretlint/profiler";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

// On by default, and it keeps several entries for each file: 2 GB after 100,000 files.
secretLintProfiler.setEnabled(false);

const CONFIG = {
  rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator, options: {} }],
};

/** Where a secret begins and ends in a text, and what kind it is; never the secret itself. */
export interface SecretPlace {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** The rule's own name of the kind, such as `GITHUB_TOKEN`. */
  readonly kind: string;
}

/** The secrets that the scanner's recommended rules see in a text, in the order in which they stand. */
export async function secretPlaces(path: string, content: string): Promise<SecretPlace[]> {
  const ext = /\.[^./]+$/.exec(path)?.[0] ?? "";
  const { messages } = await lintSource({
    source: { filePath: path, content, ext, contentType: "text" },
    options: { config: CONFIG, maskSecrets: true },
  });
  return messages
    .map(({ range, loc, messageId }) => ({ start: range[0], end: range[1], line: loc.start.line, kind: messageId }))
    .sort((a, b) => a.start - b.start);
}

/** The text with everything that looks like a secret replaced by `***`. */
export async function maskSecrets(content: string): Promise<string> {
  let masked = "";
  let at = 0;
  for (const { start, end } of await secretPlaces("output.txt", content)) {
    if (end <= at) continue;
    masked += `${content.slice(at, Math.max(at, start))}***`;
    at = end;
  }
  return masked + content.slice(at);
}
