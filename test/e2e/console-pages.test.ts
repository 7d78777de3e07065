import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { MetaTaskInput } from "../../src/contracts/task.ts";
import { Command } from "../../src/contracts/command.ts";
import type { RunView } from "../../src/contracts/view.ts";
import { cardBlock } from "../../adapters/web/cards/card.ts";
import { translatorFor } from "../../src/i18n.ts";
import { LINEAR_CARD } from "../fixtures/linear-card.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { accessibilityProblems, launchChromium } from "../fixtures/chromium.ts";
import { aConsole, type ConsolePlane } from "../fixtures/console.ts";
import { aTask } from "../fixtures/control-plane.ts";

/** What must stay text wherever it is shown. Each would set `window.executed`, or lead the reader astray. */
const INJECTIONS = [
  ["an image that fails to load", `<img src=x onerror="window.executed=1">`],
  ["a script", `</script><script>window.executed=1</script>`],
  ["an attribute", `" autofocus onfocus="window.executed=1" x="`],
  ["a link that runs", `[click](javascript:window.executed=1) javascript:window.executed=1`],
  ["a template", "${window.executed=1} {{window.executed=1}}"],
  ["mentions", "@everyone <!channel> <@U012345>"],
  ["control characters", "bell \u0007 escape \u001b[31mred\u001b[0m null \u0000 end"],
  ["right-to-left overrides", "invoice \u202egnp.exe \u2066hidden\u2069"],
  ["an end of a comment", "--><style>*{display:none}</style><!--"],
] as const;

const FILE = 'src/<svg onload="window.executed=1">\n\u202etxt.exe';
const text = (raw: string) => ({ kind: "raw", raw }) as const;

let here: ConsolePlane;
let browser: Browser;
const runs = { completed: "", dead: "", waiting: "" };
const hostile: { title: string; runId: string }[] = [];

async function start(id: string, change: Partial<MetaTaskInput>): Promise<string> {
  const bindings = [
    { surface: "web", channel: "work", role: "home" },
    { surface: "web", channel: "operators", role: "operators" },
  ] as const;
  const by = { surface: "web", user: "ada", displayName: "Ada <b>bold</b>" };
  const task = aTask({ requestedBy: by, bindings: [...bindings], ...change });
  const reply = await here.plane().agent.handle(Command.parse({ kind: "run.start", id, by, task }));
  if (reply.kind === "refused") throw new Error(reply.message);
  return reply.runId;
}

async function until(runId: string, status: RunView["summary"]["status"]): Promise<void> {
  await vi.waitFor(
    async () => {
      here.plane().clock.advance(1000);
      expect((await here.plane().agent.run(runId))?.summary.status).toBe(status);
    },
    { timeout: 15_000, interval: 10 },
  );
}

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, here.url).href, { waitUntil: "load" });
}

beforeAll(async () => {
  [here, browser] = await Promise.all([aConsole(), launchChromium()]);
  const { runtime } = here.plane();
  runtime.script("roof", (order) => ({
    ...goodResultFor(order),
    findings: [
      {
        code: "roof.hole",
        severity: "high",
        file: FILE,
        line: 1,
        text: text(INJECTIONS[0][1]),
        evidence: [{ kind: "file", path: FILE, line: 1, excerpt: INJECTIONS[1][1] }],
      },
    ],
  }));
  runs.completed = await start("completed", { answers: "recommended" });
  await until(runs.completed, "completed");
  runtime.script("cellar", () => ({ ...GOOD_RESULT, exitCode: 3, outputTail: INJECTIONS[1][1] }));
  runs.dead = await start("dead", { answers: "recommended" });
  await until(runs.dead, "dead_letter");
  runtime.script("cellar", goodResultFor);
  runs.waiting = await start("waiting", {});
  await until(runs.waiting, "waiting");
  for (const [title, payload] of INJECTIONS) {
    const runId = await start(title, { goal: `check the house ${payload}` });
    hostile.push({ title, runId });
    await until(runId, "waiting");
  }
}, 60_000);
afterAll(async () => {
  await browser.close();
  await here.close();
});

const pages = (): string[] => [
  "/chat/work",
  "/chat/operators",
  `/chat/work/${runs.waiting}`,
  `/chat/work/${runs.completed}`,
  `/chat/operators/${runs.dead}`,
  "/runs",
  "/runs?status=canceled&search=nothing",
  `/runs/${runs.completed}`,
  `/runs/${runs.completed}?trace=1`,
  `/runs/${runs.completed}/file?path=${encodeURIComponent("artifacts/report.md")}`,
  "/queue",
  "/dead-letters",
  "/catalog",
  "/settings",
  `/preview/${runs.waiting}?card=decision`,
  "/nowhere",
];

describe.each([
  { locale: "en", colorScheme: "light", width: 1280 },
  { locale: "zh-CN", colorScheme: "dark", width: 400 },
] as const)("in $locale, $colorScheme, $width wide", ({ locale, colorScheme, width }) => {
  test("every page is free of what axe-core can find, fits its width and runs nothing foreign", async () => {
    const context = await browser.newContext({
      locale,
      colorScheme,
      viewport: { width, height: 800 },
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    const refused: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
    });
    await page.goto(here.url);
    const problems: string[] = [];
    for (const path of pages()) {
      await visit(page, path);
      problems.push(...(await accessibilityProblems(page)).map((problem) => `${path}: ${problem}`));
      const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      if (Number(overflow) > 0) problems.push(`${path}: ${String(overflow)} px wider than the window`);
      if ((await page.evaluate("window.executed")) !== undefined) problems.push(`${path}: something was executed`);
    }
    expect(problems).toEqual([]);
    expect(refused).toEqual([]);
    await context.close();
  }, 60_000);
});

test("the open menu, the asked-twice button and the page for strangers are accessible too", async () => {
  const context = await browser.newContext({ viewport: { width: 400, height: 800 } });
  const page = await context.newPage();
  await page.goto(new URL("/", here.url).href);
  expect(await page.textContent("h1")).toBe("You are not signed in");
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.goto(here.url);
  await visit(page, `/chat/operators/${runs.dead}`);
  await page.locator(".menu summary").click();
  for (const summary of await page.locator(".ask-twice summary").all()) await summary.click();
  expect(await accessibilityProblems(page)).toEqual([]);
  await context.close();
});

test("goals that look like markup, scripts or orders to the reader are shown as text", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const refused: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
  });
  page.on("dialog", () => refused.push("a dialog"));
  await page.goto(here.url);
  for (const { title, runId } of hostile) {
    const payload = INJECTIONS.find(([each]) => each === title)?.[1] ?? "";
    for (const path of [`/chat/work/${runId}`, `/runs/${runId}`, `/preview/${runId}?card=notice`]) {
      await visit(page, path);
      const shown = (await page.textContent("main")) ?? "";
      expect(shown).not.toMatch(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u);
      if (/^[\u0020-\u007e]+$/.test(payload)) expect(shown).toContain(payload);
    }
  }
  await visit(page, "/runs");
  await visit(page, `/runs/${runs.completed}`);
  expect(await page.locator("#findings li code").first().textContent()).toBe(
    'src/<svg onload="window.executed=1"> \u{fffd}txt.exe:1',
  );
  expect(await page.evaluate("window.executed")).toBeUndefined();
  expect(refused).toEqual([]);
  await context.close();
});

test("a linear question is asked after its parent's answer only, by style alone", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const viewer = { persona: { id: "ada", name: "Ada", roles: [] }, words: translatorFor("en"), workspace: "/" };
  const scene = { viewer, formToken: "f", path: "/", note: undefined };
  const css = await readFile(new URL("../../adapters/web/static/console.css", import.meta.url), "utf8");
  await page.setContent(`<style>${css}</style>${String(await cardBlock(LINEAR_CARD, "card", scene))}`);
  const asked = (): Promise<string[]> => page.locator(".question legend:visible").allTextContents();
  expect(await asked()).toEqual(["1. First?"]);
  await page.locator("input[name='q.first'][value=yes]").check();
  expect(await asked()).toEqual(["1. First?", "2. Second?"]);
  await page.locator("input[name='q.second'][value=yes]").check();
  expect(await asked()).toEqual(["1. First?", "2. Second?", "3. Third?"]);
  await page.locator("input[name='q.first'][value=no]").check();
  expect(await asked()).toEqual(["1. First?"]);
  await context.close();
});

test("a goal of 100 kB is refused with the limit, starts nothing, and is not lost", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(here.url);
  await page.fill("#say", `/cox run ${"check the house ".repeat(6400)}`);
  await page.press("#say", "Enter");
  expect(await page.locator("#note").textContent()).toContain("20,000");
  expect((await page.inputValue("#say")).length).toBeGreaterThan(100_000);
  expect(await page.locator("#threads li").count()).toBe(hostile.length + 3);
  await context.close();
});
