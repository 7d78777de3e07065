import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { MetaTaskInput } from "../../src/contracts/task.ts";
import { Command, REASON_LIMIT } from "../../src/contracts/command.ts";
import type { RunView } from "../../src/contracts/view.ts";
import { previewInDiscord } from "../../adapters/discord/preview.ts";
import { previewInSlack } from "../../adapters/slack/preview.ts";
import { cardBlock } from "../../adapters/web/cards/card.ts";
import { renderPlain } from "../../src/cards/fallback.ts";
import { translatorFor } from "../../src/i18n.ts";
import { LINEAR_CARD } from "../fixtures/linear-card.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { accessibilityProblems, launchChromium } from "../fixtures/chromium.ts";
import { aConsole, type ConsolePlane } from "../fixtures/console.ts";
import { aTask } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";

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

/** Turns the reading direction and rings the bell; shown as two U+FFFD. */
const HIDDEN = "\u202e\u0007";
const ARTIFACT = 'notes "><img src=x onerror=window.executed=1>\n\u202e.md';
/** All of them in one line; a piece that became markup would be missing from the text of the page. */
const EVERYTHING = INJECTIONS.map(([, payload]) => payload).join(" § ");
const FILE = 'src/<svg onload="window.executed=1">\n\u202etxt.exe';
const text = (raw: string) => ({ kind: "raw", raw }) as const;

let here: ConsolePlane;
let browser: Browser;
const runs = { completed: "", dead: "", waiting: "", hostile: "" };

async function start(id: string, change: Partial<MetaTaskInput>): Promise<string> {
  const bindings = [
    { surface: "web", channel: "work", role: "home" },
    { surface: "web", channel: "operators", role: "operators" },
  ] as const;
  const by = { surface: "web", user: "ada", displayName: "Ada <b>bold</b>" };
  const task = aTask({ requestedBy: by, bindings: [...bindings], ...change });
  const reply = await here.plane().agent.handle(Command.parse({ kind: "run.start", id, by, task }));
  if (reply.kind === "refused" || reply.kind === "done") throw new Error(reply.message);
  return reply.runId;
}

async function until(runId: string, status: RunView["summary"]["status"]): Promise<void> {
  await eventually(async () => {
    here.plane().clock.advance(1000);
    expect((await here.plane().agent.run(runId))?.summary.status).toBe(status);
  });
}

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, here.url).href, { waitUntil: "load" });
}

beforeAll(async () => {
  const personas = [
    { id: "ada", name: `Ada ${INJECTIONS[0][1]}`, roles: ["requester", "approver"] },
    { id: "olga", name: `Olga ${HIDDEN}${INJECTIONS[1][1]}`, roles: ["operator"] },
  ] as const;
  [here, browser] = await Promise.all([aConsole({}, personas), launchChromium()]);
  const { runtime } = here.plane();
  runtime.script("roof", async (order) => {
    // A file with a NUL is not text, and would only be offered for download.
    await writeFile(join(order.artifactFolder, ARTIFACT), EVERYTHING.replace("\0", "\u0001"));
    return {
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
    };
  });
  runs.completed = await start("completed", { answers: "recommended" });
  await until(runs.completed, "completed");
  runtime.script("cellar", () => ({ ...GOOD_RESULT, exitCode: 3, outputTail: INJECTIONS[1][1] }));
  runs.dead = await start("dead", { answers: "recommended" });
  await until(runs.dead, "dead_letter");
  runtime.script("cellar", goodResultFor);
  runs.waiting = await start("waiting", {});
  await until(runs.waiting, "waiting");
  const hostile = { goal: `check the house ${EVERYTHING}`, workspace: `/work ${EVERYTHING}` };
  runs.hostile = await start("hostile", hostile);
  await until(runs.hostile, "waiting");
});
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
  `/runs/${runs.completed}/audit`,
  `/runs/${runs.dead}/audit?trace=1`,
  `/runs/${runs.completed}/file?path=${encodeURIComponent("artifacts/report.md")}`,
  "/queue",
  "/dead-letters",
  "/catalog",
  "/settings",
  `/preview/${runs.waiting}?card=decision`,
  `/preview/${runs.waiting}?card=notice`,
  `/preview/${runs.dead}?card=dead_letter`,
  "/nowhere",
];

/** One page of each kind of content: what other colours, words and widths could break, they break here. */
const kinds = (): string[] => [
  "/chat/work",
  `/chat/work/${runs.waiting}`,
  `/chat/work/${runs.completed}`,
  `/chat/operators/${runs.dead}`,
  `/runs/${runs.completed}`,
  `/runs/${runs.completed}/audit`,
  `/runs/${runs.completed}/file?path=${encodeURIComponent("artifacts/report.md")}`,
  "/queue",
  "/runs",
  `/preview/${runs.waiting}?card=decision`,
];

describe.each([
  { locale: "en", colorScheme: "light", width: 1280, checked: pages },
  { locale: "zh-CN", colorScheme: "dark", width: 400, checked: kinds },
] as const)("in $locale, $colorScheme, $width wide", ({ locale, colorScheme, width, checked }) => {
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
      // What a button of a previewed card opens is folded, and so is what is sent for it.
      await page.evaluate(`for (const each of document.querySelectorAll(".preview details")) each.open = true`);
      const found = checked().includes(path) ? await accessibilityProblems(page) : [];
      problems.push(...found.map((problem) => `${path}: ${problem}`));
      const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      if (Number(overflow) > 0) problems.push(`${path}: ${String(overflow)} px wider than the window`);
      const sideways = await page.evaluate(
        "[...document.querySelectorAll('main *')].filter((e) => e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).map((e) => e.outerHTML.slice(0, 80))",
      );
      if (String(sideways) !== "") problems.push(`${path}: scrolls sideways: ${String(sideways)}`);
      if ((await page.evaluate("window.executed")) !== undefined) problems.push(`${path}: something was executed`);
    }
    expect(problems).toEqual([]);
    expect(refused).toEqual([]);
    await context.close();
  });
});

test("the open menu, the asked-twice button and the page for strangers are accessible too", async () => {
  const context = await browser.newContext({ viewport: { width: 400, height: 800 } });
  const page = await context.newPage();
  await page.goto(new URL("/", here.url).href);
  expect(await page.textContent("h1")).toBe("You are not signed in");
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.goto(here.url);
  await visit(page, `/chat/work/${runs.waiting}`);
  await page.locator(".menu summary").click();
  expect(await page.locator(".ask-twice summary").count()).toBeGreaterThan(0);
  for (const summary of await page.locator(".ask-twice summary").all()) await summary.click();
  expect(await accessibilityProblems(page)).toEqual([]);
  await context.close();
});

test("what the chosen persona may not do is shown, cannot be pressed, and says who may", async () => {
  const context = await browser.newContext({ viewport: { width: 400, height: 800 } });
  const page = await context.newPage();
  await page.goto(here.url);
  const disabled = async (path: string): Promise<string[]> => {
    await visit(page, path);
    expect(await accessibilityProblems(page)).toEqual([]);
    return page.locator("button[aria-disabled=true]").allTextContents();
  };
  const words = translatorFor("en");
  expect(await disabled(`/chat/work/${runs.waiting}`)).toEqual([]);
  const [retry, discard] = [words.t("card.action.retry"), words.t("card.action.discard")];
  expect(await disabled("/dead-letters")).toEqual([retry, discard]);
  const why = page.getByRole("button", { name: retry, description: words.t("auth.role.operator") });
  expect(await why.getAttribute("aria-disabled")).toBe("true");
  const url = page.url();
  await why.click({ force: true });
  expect(page.url()).toBe(url);

  await page.locator(".menu summary").click();
  await page.getByRole("radio", { name: /Olga/ }).check();
  await page.getByRole("button", { name: words.t("web.menu.apply") }).click();
  await page.locator(".menu summary", { hasText: "Olga" }).waitFor();
  expect(await disabled("/dead-letters")).toEqual([]);
  expect(await disabled(`/chat/work/${runs.waiting}`)).toEqual([
    words.t("web.card.confirm"),
    words.t("card.action.recommended"),
  ]);
  await page.locator(".may-not", { hasText: words.t("auth.role.approver") }).waitFor();
  await context.close();
});

test("without scripts, giving up without a reason says who may to somebody who may not, and what is missing to others", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(here.url);
  const words = translatorFor("en");
  const giveUp = async (): Promise<string | null> => {
    await visit(page, "/dead-letters");
    // Open or not, as long as it is sent without a reason: the browser itself asks for one in the form.
    const summary = page.locator(".ask-twice > summary", { hasText: words.t("card.action.discard") });
    if ((await summary.count()) > 0) {
      await summary.click();
      await page.locator("textarea[name=reason]").fill(" ");
    }
    await page.getByRole("button", { name: words.t("card.action.discard"), exact: true }).click({ force: true });
    return page.locator("#note").textContent();
  };
  expect(await giveUp()).toContain(words.t("auth.role.operator"));
  await page.locator(".menu summary").click();
  await page.getByRole("radio", { name: /Olga/ }).check();
  await page.getByRole("button", { name: words.t("web.menu.apply") }).click();
  await page.locator(".menu summary", { hasText: "Olga" }).waitFor();
  await giveUp();
  const invalid = words.t("web.act.invalid", { limit: REASON_LIMIT });
  await eventually(async () => expect(await page.locator("#note").textContent()).toContain(invalid));
  await context.close();
});

describe("what looks like markup, scripts or orders to the reader is shown as text:", () => {
  const refused: string[] = [];
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
    });
    page.on("pageerror", (error) => refused.push(error.message));
    page.on("dialog", (dialog) => {
      refused.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(here.url);
  });
  afterAll(() => context.close());
  afterEach(async () => {
    expect(await page.evaluate("window.executed")).toBeUndefined();
    expect(refused).toEqual([]);
  });

  /** Every piece of `EVERYTHING` stands in the text as it is, but for what cannot be seen, which is made visible. */
  const expectAll = (shown: string): void => {
    expect(shown).not.toMatch(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u);
    const missing = INJECTIONS.filter(([, payload]) => /^[\u0020-\u007e]+$/.test(payload) && !shown.includes(payload));
    expect(missing).toEqual([]);
    expect(shown).toContain("bell \u{fffd} escape red null \u{fffd} end");
    expect(shown).toContain("invoice \u{fffd}gnp.exe \u{fffd}hidden\u{fffd}");
  };
  const mainOf = async (path: string): Promise<string> => {
    await visit(page, path);
    return (await page.textContent("main")) ?? "";
  };

  test("goals and the path of a workspace, in the thread, on the run's page and as plain text", async () => {
    for (const path of [`/chat/work/${runs.hostile}`, `/runs/${runs.hostile}`]) expectAll(await mainOf(path));
    expectAll((await page.locator("#facts code", { hasText: "/work" }).textContent()) ?? "");
    await visit(page, `/preview/${runs.hostile}?card=decision`);
    const previews = await page.locator("main pre").allTextContents();
    expect(previews.join("\n")).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
    const drawnIn = async (place: string): Promise<string> =>
      (await page.locator(`figure.drawn > .${place}`).allTextContents()).join("\n").replaceAll("\u{2060}", "");
    expectAll(await drawnIn("slack"));
    expectAll(await drawnIn("discord"));
    await visit(page, "/runs");
    expect(await page.locator("#runs tbody tr").count()).toBeGreaterThanOrEqual(4);
  });

  test("who did what: the goal, names, reasons and entries as they were written", async () => {
    const by = { surface: "web", user: "olga", displayName: `Olga ${INJECTIONS[0][1]}` };
    const cancel = Command.parse({
      kind: "run.cancel",
      id: "cancel",
      by,
      runId: await start("ended", { goal: `check the house ${EVERYTHING}` }),
    });
    await here.plane().agent.handle(cancel);
    if (cancel.kind !== "run.cancel") throw new Error("a cancel was expected");
    const shown = await mainOf(`/runs/${cancel.runId}/audit`);
    expectAll(shown);
    expect(shown).toContain(by.displayName);
    expect(await page.locator("#chain").textContent()).toContain("as written");
    const trace = await mainOf(`/runs/${cancel.runId}/audit?trace=1`);
    expect(trace).not.toMatch(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u);
    expect(await page.locator(".story pre").count()).toBeGreaterThan(1);
  });

  test("what people say, and what they had typed when it was refused", async () => {
    await visit(page, `/chat/work/${runs.waiting}`);
    await page.fill("#say", EVERYTHING);
    await Promise.all([page.waitForURL(/#at-/), page.press("#say", "Enter")]);
    expectAll((await page.locator(".said").last().textContent()) ?? "");
    await visit(page, "/chat/work");
    await page.fill("#workspace", `"><script>window.executed=1</script>`);
    await page.fill("#say", EVERYTHING);
    await Promise.all([page.waitForURL(/note=/), page.press("#say", "Enter")]);
    expect(await page.locator("#note").textContent()).toContain(`"><script>window.executed=1</script>`);
    expect(await page.inputValue("#say")).toContain(INJECTIONS[2][1]);
  });

  test("places, findings and names of files, and what stands in the files", async () => {
    await visit(page, `/runs/${runs.completed}`);
    expect(await page.locator("#findings li code").first().textContent()).toBe(
      'src/<svg onload="window.executed=1"> \u{fffd}txt.exe:1',
    );
    await visit(page, `/runs/${runs.completed}/file?path=${encodeURIComponent("artifacts/report.md")}`);
    expect(await page.locator(".report").textContent()).toContain(INJECTIONS[0][1]);
    await visit(page, `/runs/${runs.completed}`);
    const file = page.locator("#files a:not(.quiet)", { hasText: "onerror" });
    expect(await file.textContent()).toContain('notes "><img src=x onerror=window.executed=1> \u{fffd}.md');
    await file.click();
    expectAll((await page.locator("pre.text").textContent()) ?? "");
    const link = (await page.locator(".links a").first().getAttribute("href")) ?? "";
    const download = await page.request.get(new URL(link, here.url).href);
    expect(download.headers()["content-type"]).toBe("application/octet-stream");
    expect(download.headers()["content-disposition"]).toMatch(/^attachment; filename\*=UTF-8''[\w.%~!*()-]+$/);
  });

  test("names of personas, in the menu and beside what they said", async () => {
    await visit(page, "/chat/work");
    await page.locator(".menu summary").click();
    expect(await page.locator(".menu summary").textContent()).toContain(INJECTIONS[0][1]);
    const menu = (await page.locator(".menu form").textContent()) ?? "";
    expect(menu).toContain(`Olga \u{fffd}\u{fffd}${INJECTIONS[1][1]}`);
    expect(await mainOf(`/chat/work/${runs.waiting}`)).toContain(`Ada ${INJECTIONS[0][1]}`);
  });

  test("why an operator gave a run up, and the operator's name", async () => {
    const by = { surface: "web", user: "olga", displayName: `Olga ${INJECTIONS[1][1]}` };
    const discard = { kind: "dead_letter.discard", id: "discard", by, runId: runs.dead, reason: EVERYTHING } as const;
    expect((await here.plane().agent.handle(Command.parse(discard))).kind).toBe("accepted");
    const shown = await mainOf(`/chat/work/${runs.dead}`);
    expectAll(shown);
    expect(shown).toContain(by.displayName);
  });

  test("what a worker says of its progress, live", async () => {
    const going = Promise.withResolvers<void>();
    onTestFinished(() => going.resolve());
    here.plane().runtime.script("roof", async (order) => {
      await going.promise;
      return goodResultFor(order);
    });
    const runId = await start("live", { answers: "recommended" });
    const place = page.locator("[data-progress=roof]");
    // The thread is there once its first card is; before, the address leads nowhere.
    await eventually(async () => {
      await visit(page, `/chat/work/${runId}`);
      expect(await place.count()).toBe(1);
    });
    await eventually(async () => {
      here.progress({ runId, laneId: "roof", done: 1, total: null, text: text(EVERYTHING) });
      // In one reading: a change of the run may draw the card anew, without what was only live.
      expectAll((await place.textContent()) ?? "");
    });
    going.resolve();
    await until(runId, "completed");
  });
});

test.each(["notice", "decision"])(
  "a %s is drawn, and shown exactly as Slack and Discord would be sent it",
  async (kind) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(here.url);
    await visit(page, `/chat/work/${runs.waiting}`);
    await page.locator(`article.${kind} footer a[href^='/preview/']`).click();
    const card = (await here.plane().agent.run(runs.waiting))?.[kind === "notice" ? "notice" : "decision"];
    if (card === undefined || card === null) throw new Error("the run has no such card");
    const texts = await page.locator("main pre").allTextContents();
    expect(texts.pop()).toBe(renderPlain(card));
    const [slack, discord] = [previewInSlack(card, "plan"), previewInDiscord(card)];
    const sent = [slack, discord].flatMap(({ messages, opened }) => [
      ...messages,
      ...opened.flatMap(({ views }) => views),
    ]);
    expect(texts.map((text): unknown => JSON.parse(text))).toEqual(sent);
    expect(discord.messages.length).toBe(kind === "notice" ? 1 : 2);
    const drawn = page.locator("figure.drawn");
    expect(await drawn.count()).toBe(sent.length);
    expect(await page.locator(".drawn-unknown").count()).toBe(0);
    await drawn.first().getByText(card.title, { exact: true }).waitFor();
    const button = drawn.first().getByRole("button", { name: translatorFor("en").t("card.action.cancel") });
    expect(await button.isDisabled()).toBe(true);
    await context.close();
  },
);

test("a linear question is asked after its parent's answer only, by style alone", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const viewer = { persona: { id: "ada", name: "Ada", roles: [] }, words: translatorFor("en"), workspace: "/" };
  const scene = {
    viewer,
    formToken: "f",
    path: "/",
    note: undefined,
    mayNot: () => undefined,
    isTroubled: () => false,
    nameOf: (_: string, name: string) => name,
  };
  const css = await readFile(new URL("../../adapters/web/static/console.css", import.meta.url), "utf8");
  await page.setContent(`<style>${css}</style>${String(await cardBlock(LINEAR_CARD, "card", scene, undefined))}`);
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
  const before = (await here.plane().agent.runs({ limit: 1, offset: 0 })).total;
  await page.fill("#say", `/cox run ${"check the house ".repeat(6400)}`);
  await page.press("#say", "Enter");
  await eventually(async () => expect(await page.locator("#note").textContent()).toContain("20,000"));
  expect((await page.inputValue("#say")).length).toBeGreaterThan(100_000);
  expect((await here.plane().agent.runs({ limit: 1, offset: 0 })).total).toBe(before);
  await context.close();
});
