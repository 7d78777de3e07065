import { expect, test } from "vitest";
import { markdownBlocks } from "../../../adapters/web/markdown.ts";
import { markdownLine } from "../../../src/markdown.ts";
import { textIn } from "../../fixtures/browser-less.ts";

const shown = async (markdown: string): Promise<string> => String(await markdownBlocks(markdown));

test("what the report escapes is shown as it was before", async () => {
  const sentence = "[low] a_b*c `d` <e> #f 1. g & $h | i~j! https://k.example";
  const html = await shown(`- ${markdownLine(sentence)}\n`);
  expect(textIn(html)).toBe(sentence);
});

test.each([
  ["HTML", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
  ["HTML inside a line", "a <b onclick=x>b</b>", "a <b onclick=x>b</b>"],
  ["a link that runs", "[press](javascript:alert(1))", "press (javascript:alert(1))"],
  ["an image", "![a cat](https://c.example/cat.png)", "a cat"],
  ["a bidi override", "a \u202e b", "a \u{fffd} b"],
])("%s becomes text, and nothing of it markup", async (_, markdown, expected) => {
  const html = await shown(markdown);
  expect(textIn(html)).toBe(expected);
  expect(html).not.toMatch(/<(?:img|b|a|script)\b/);
});

test("headings stand below that of the page, lists and code keep their form", async () => {
  const html = await shown("# One\n\n## Two\n\n3. three\n   - four\n\n```\n<five>\n```\n");
  expect(html).toBe(
    '<h2>One</h2><h3>Two</h3><ol start="3"><li><p>three</p><ul><li><p>four</p></li></ul></li></ol><pre class="text" tabindex="0">&lt;five&gt;</pre>',
  );
});
