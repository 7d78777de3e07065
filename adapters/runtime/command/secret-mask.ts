import { lintSource } from "@secretlint/core";
import { secretLintProfiler } from "@secretlint/profiler";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import type { Log } from "../../../src/log.ts";
import type { Environment } from "./worker-environment.ts";

/** Replaces secrets in a text of whole lines. */
export type Mask = (text: string) => Promise<string>;

const MASKED = "[redacted]";
const SECRET_NAME = /token|secret|password|passwd|credential|key/i;
/** Shorter values stand in ordinary words, and masking those would make the log unreadable. */
const SHORTEST_SECRET = 8;
/** Up to the end of the text where the key is not closed: half a key is still a secret. */
const PRIVATE_KEY =
  /-----BEGIN [A-Z ]*PRIVATE KEY[A-Z ]*-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY[A-Z ]*-----|[\s\S]*$)/g;

// It keeps a mark of every text that it looked at, for as long as the process lives: gigabytes in a bot.
secretLintProfiler.setEnabled(false);

// Without the rule that obeys "secretlint-disable" comments: a worker could print one, and turn the masking off.
const LINT_OPTIONS = {
  noPhysicFilePath: true,
  config: {
    rules: rules
      .filter((rule) => !rule.meta.id.endsWith("rule-filter-comments"))
      .map((rule) => ({ id: rule.meta.id, rule })),
  },
};

/** Masks the values of the bot's variables whose names look secret; at once, and nothing else. */
export function createValueMask(environment: Environment): (text: string) => string {
  const values = secretValues(environment);
  return (text) => values.reduce((masked, value) => masked.replaceAll(value, MASKED), text);
}

/** Masks what secretlint knows, private keys, and the values of the bot's variables whose names look secret. */
export function createMask(environment: Environment, log: Log): Mask {
  const maskValues = createValueMask(environment);
  return async (text) => {
    try {
      return await maskPatterns(maskValues(text).replace(PRIVATE_KEY, MASKED));
    } catch (error) {
      // Losing text is better than keeping a secret.
      log.error({ err: error }, "secrets could not be looked for; the text is not kept");
      return text === "" ? "" : MASKED;
    }
  };
}

async function maskPatterns(text: string): Promise<string> {
  if (text.trim() === "") return text;
  const source = { filePath: "output.log", ext: ".log", content: text, contentType: "text" as const };
  const { messages } = await lintSource({ source, options: LINT_OPTIONS });
  // From the end, so that earlier ranges stay right; where ranges overlap, the longer of equal starts comes first.
  const ranges = messages.map(({ range }) => range).sort(([a, aEnd], [b, bEnd]) => b - a || bEnd - aEnd);
  let masked = text;
  let from = text.length;
  for (const [start, end] of ranges) {
    if (start >= from) continue;
    masked = masked.slice(0, start) + MASKED + masked.slice(Math.min(end, from));
    from = start;
  }
  return masked;
}

/** Longest first, so that no shorter value breaks a longer one; also as they look inside JSON. */
function secretValues(environment: Environment): string[] {
  const values = Object.entries(environment).flatMap(([name, value]) =>
    SECRET_NAME.test(name) && value !== undefined && value.length >= SHORTEST_SECRET ? [value] : [],
  );
  const inJson = values.map((value) => JSON.stringify(value).slice(1, -1));
  return [...new Set([...values, ...inJson])].sort((a, b) => b.length - a.length);
}

/** True while a private key has begun and not ended: its lines have to be masked together. */
export function hasOpenPrivateKey(text: string): boolean {
  const begin = text.lastIndexOf("-----BEGIN ");
  return (
    begin >= 0 &&
    /^-----BEGIN [A-Z ]*PRIVATE KEY/.test(text.slice(begin, begin + 80)) &&
    !text.includes("-----END ", begin)
  );
}
