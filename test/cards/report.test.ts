import { fromMarkdown } from "mdast-util-from-markdown";
import { visit } from "unist-util-visit";
import { describe, expect, test } from "vitest";
import { reportMarkdown } from "../../src/cards/report.ts";
import { HIDDEN_INTERNAL_FIELDS } from "../../src/contracts/envelope.ts";
import type { Run } from "../../src/contracts/run.ts";
import { raw } from "../../src/contracts/text.ts";
import { translatorFor } from "../../src/i18n.ts";
import { markdownLine, quoted } from "../../src/markdown.ts";
import { FINDINGS, RUNS } from "../fixtures/runs.ts";

const HOSTILE = [
  "# heading",
  "- item",
  "1. one",
  "*bold* _it_ ~~no~~",
  "[link](http://evil.example)",
  "![image](http://evil.example/x.png)",
  "<script>alert(1)</script>",
  "<http://evil.example>",
  "http://evil.example www.evil.example",
  "@everyone @ada",
  "`code` ``more`` ```",
  "a | b | c",
  "&lt;b&gt; &amp;",
  "$x^2$",
  "line\n\n# next",
  "\\`tick",
  "***",
  "\u{e000}`<b>\u{e001}",
  "=====",
  ":smile: ::: note",
];

/** What a reader of the Markdown sees, and which nodes made it. */
function rendered(markdown: string): { types: Set<string>; shown: string } {
  const types = new Set<string>();
  let shown = "";
  visit(fromMarkdown(markdown), (node) => {
    types.add(node.type);
    if (node.type === "text" || node.type === "inlineCode") shown += node.value;
  });
  return { types, shown };
}

describe("text from outside in Markdown", () => {
  test.each(HOSTILE)("%j shows as itself and does nothing", (text) => {
    for (const markdown of [
      markdownLine(text),
      `- ${markdownLine(text)}`,
      markdownLine(quoted(text)),
      `# ${markdownLine(text)}`,
    ]) {
      const { types } = rendered(markdown);
      for (const bad of ["html", "link", "image", "emphasis", "strong", "thematicBreak", "code", "definition"]) {
        expect([...types]).not.toContain(bad);
      }
      expect(markdown).not.toContain("\n");
    }
    const { shown } = rendered(markdownLine(text));
    const same = (value: string) => value.replace(/[\s\u2060\u{e000}\u{e001}]/gu, "");
    if (!text.includes("\u{e000}")) expect(same(shown)).toBe(same(text));
    expect(markdownLine(text)).not.toMatch(/@\w/);
  });

  test("a quoted text shows letter by letter, ticks included", () => {
    for (const text of ["a`b", "`", "``x``", "plain", " spaced "]) {
      expect(rendered(markdownLine(`see ${quoted(text)}`)).shown).toBe(`see ${text}`);
    }
  });
});

describe("the report", () => {
  const report = reportMarkdown(RUNS.completed, translatorFor("en"));

  test("has findings with place and evidence, checks, gaps, decisions, revision and files", () => {
    for (const part of [
      "`id_rsa:1`: a private key is committed",
      "`git log '--format=%an <%ae>'`, exit code 0",
      "`test/a.test.ts:12`, fingerprint of the line `bbbbbbbbbbbb`",
      "not available: the registry did not answer",
      "would also pass on an empty or wrong result",
      "A report with a plan (Ada, Mar 3, 2026",
      "2 files have changes that are not committed",
      "`0123456789abcdef0123456789abcdef01234567`",
      `\`artifacts/history/log.txt\`, 20 bytes, SHA-256 \`${"a".repeat(64)}\``,
    ]) {
      expect(report).toContain(part);
    }
  });

  test("findings of one kind that say different things each stand in the plan", () => {
    const [sample] = FINDINGS;
    const missing = ["install", "run", "test"].map((what) => ({
      ...sample!,
      id: `missing-${what}`,
      code: "documentation.section",
      severity: "low" as const,
      text: raw(`README.md does not say how to ${what} it.`),
      file: "README.md",
      line: 1,
    }));
    const { reviewPacket, ...packets } = RUNS.completed.packets;
    const [sampled] = reviewPacket?.findings ?? [];
    if (reviewPacket === undefined || sampled === undefined) throw new Error("a reviewed finding was expected");
    const findings = missing.map((finding) => ({ ...sampled, ...finding }));
    const run = { ...RUNS.completed, packets: { ...packets, reviewPacket: { ...reviewPacket, findings } } };
    const shown = rendered(reportMarkdown(run, translatorFor("en"))).shown;
    const plan = shown.slice(shown.indexOf("Repair plan"), shown.indexOf("What was found"));
    for (const what of ["install", "run", "test"]) expect(plan).toContain(`does not say how to ${what} it`);
  });

  test("a repair plan is there only where it was chosen, worst first and without mere notes", () => {
    const plan = report.slice(report.indexOf("## Repair plan"), report.indexOf("## What was found"));
    expect(plan.indexOf("private key")).toBeLessThan(plan.indexOf("a test is skipped"));
    expect(plan).not.toContain("two people wrote everything");
    const { runHeader } = RUNS.completed.packets;
    if (runHeader === undefined) throw new Error("fixture");
    const packets = { ...RUNS.completed.packets, runHeader: { ...runHeader, outcome: "report_only" as const } };
    expect(reportMarkdown({ ...RUNS.completed, packets }, translatorFor("en"))).not.toContain("Repair plan");
  });

  test("is the same shape in Chinese, and shows no names of the protocol", () => {
    for (const language of ["en", "zh-CN"]) {
      const text = reportMarkdown(RUNS.completed, translatorFor(language));
      expect(text.match(/^## /gm)).toHaveLength(9);
      for (const hidden of HIDDEN_INTERNAL_FIELDS) expect(text).not.toContain(hidden);
    }
  });

  test("hostile goals, file names and findings stay text", () => {
    const [first] = FINDINGS;
    const { reviewPacket } = RUNS.completed.packets;
    if (first === undefined || reviewPacket === undefined) throw new Error("fixture");
    const findings = HOSTILE.map((text, n) => ({
      ...first,
      id: String(n),
      file: `${text}.md`,
      line: 1,
      text: raw(text),
      evidence: [{ kind: "command" as const, argv: ["cat", text], exitCode: 1, excerpt: text }],
    }));
    const run: Run = {
      ...RUNS.completed,
      task: { ...RUNS.completed.task, goal: HOSTILE.join(" ") },
      packets: { ...RUNS.completed.packets, reviewPacket: { ...reviewPacket, findings } },
    };
    const text = reportMarkdown(run, translatorFor("en"));
    const { types } = rendered(text);
    for (const bad of ["html", "link", "image", "emphasis", "strong", "thematicBreak", "code", "definition"]) {
      expect([...types]).not.toContain(bad);
    }
    expect(text.match(/^#+ /gm)).toHaveLength(report.match(/^#+ /gm)?.length ?? 0);
    expect(text.replace(/(`+)[^`](?:.*?[^`])?\1(?!`)/g, "")).not.toMatch(/@\w/);
  });
});
