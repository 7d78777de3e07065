import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { shellWord } from "../src/shell-word.ts";

const WORDS: [string, string][] = [
  ["npm", "npm"],
  ["--config=a/b.ts", "--config=a/b.ts"],
  ["", "''"],
  ["two words", "'two words'"],
  ['$HOME `id` "x" \\ !', "'$HOME `id` \"x\" \\ !'"],
  ["it's", String.raw`'it'\''s'`],
  ["a\nb", String.raw`$'a\nb'`],
  ["it's\\\t$x", String.raw`$'it\'s\\\u0009$x'`],
];

describe("a word for a shell", () => {
  test.each(WORDS)("%j is typed as %s", (value, typed) => {
    expect(shellWord(value)).toBe(typed);
  });

  test.each(WORDS)("%j comes out of a shell as it went in", (value) => {
    expect(execFileSync("bash", ["-c", `printf %s ${shellWord(value)}`], { encoding: "utf8" })).toBe(value);
  });
});
