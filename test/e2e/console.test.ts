import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { translatorFor, type Translator } from "../../src/i18n.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { aConsole, type ConsolePlane } from "../fixtures/console.ts";
import { launchChromium } from "../fixtures/chromium.ts";
import { eventually } from "../fixtures/eventually.ts";
import { PATIENCE_MS } from "../fixtures/patience.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function console_(): Promise<ConsolePlane> {
  const here = await aConsole();
  open.push(here);
  return here;
}

async function tab(
  here: ConsolePlane,
  options: { locale?: string; javaScriptEnabled?: boolean; viewport?: { width: number; height: number } } = {},
): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en", ...options });
  const page = await context.newPage();
  // A context that is closed while one of its pages is on its way elsewhere may never say that it is closed.
  const leave = (each: Page): Promise<unknown> => each.goto("about:blank").catch(() => undefined);
  open.push({
    close: async () => {
      await Promise.all(context.pages().map(leave));
      await context.close();
    },
  });
  page.setDefaultTimeout(PATIENCE_MS);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) errors.push(message.text());
  });
  await page.goto(here.url);
  return { page, context, errors };
}

const QUESTION = "article.decision[data-state=open]";
const RESOLVED = "article.decision[data-state=closed]";
const GOALS: Record<string, string> = {
  en: "please check the house for us",
  "zh-CN": "请帮我们 check the house 检查房子",
};

/** Writes into the composer and waits for the thread of the run. */
async function start(page: Page, words: Translator): Promise<string> {
  await page.fill("#say", `/cox run ${GOALS[words.language]}`);
  await page.press("#say", "Enter");
  await page.waitForURL(/\/chat\/work\/run_/);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

const button = (page: Page, scope: string, name: string) =>
  page.locator(scope).getByRole("button", { name, exact: true });

describe.each(["en", "zh-CN"])("in %s", (locale) => {
  const words = translatorFor(locale);

  test("a run goes from its words to its result, and operators hear of it", async () => {
    const here = await console_();
    const { page, errors } = await tab(here, { locale });
    expect(await page.getAttribute("html", "lang")).toBe(locale);
    expect(new URL(page.url()).search).toBe("");
    const runId = await start(page, words);

    const card = page.locator(QUESTION);
    await card.waitFor();
    expect(await card.getAttribute("lang")).toBe(locale);
    expect(await card.textContent()).toContain(words.t("decision.assurance.execution_confirmation"));
    // Recommended is chosen, what is not possible cannot be chosen, and says why.
    expect(await card.locator("input[type=radio]:checked").count()).toBe(5);
    expect(await card.locator(".option.rejected input:enabled").count()).toBe(0);
    expect(await card.locator(".option.rejected .rejection").count()).toBe(
      await card.locator(".option.rejected").count(),
    );

    await card.locator("input[name='q.scope'][value=own_selection]").check();
    await card.locator("input[name='a.areas'][value=summary]").uncheck();
    const changed = (await card.locator(".arg legend").first().textContent()) ?? "";
    await button(page, QUESTION, words.t("web.card.confirm")).click();
    await page.locator("article.result").waitFor();
    expect(
      here
        .plane()
        .runtime.orders.map(({ brief }) => brief.laneId)
        .toSorted(),
    ).toEqual(["cellar", "roof"]);
    expect(await page.locator(RESOLVED).textContent()).toContain("Ada");

    await page.locator("article.result .files a").first().click();
    expect(await page.locator("article.report").textContent()).toContain("house");
    await page.goto(new URL(`/runs/${runId}/audit`, here.url).href);
    expect(await page.locator("#story").textContent()).toContain(
      words.t("card.labelled", { label: changed, value: "" }),
    );
    await page.goto(new URL(`/chat/operators/${runId}`, here.url).href);
    await page.locator("article.result").waitFor();
    expect(errors).toEqual([]);
  });

  test("a run that fails for good is taken up again or given up by an operator", async () => {
    const here = await console_();
    here.plane().runtime.script("cellar", () => ({ ...GOOD_RESULT, exitCode: 3 }));
    const { page } = await tab(here, { locale });
    await start(page, words);
    await button(page, QUESTION, words.t("card.action.recommended")).click();
    await eventually(async () => {
      here.plane().clock.advance(60_000);
      expect(await page.locator("article.dead_letter").count()).toBe(1);
    });

    await page.locator(".menu summary").click();
    await page.getByRole("radio", { name: /Olga/ }).check();
    await page.getByRole("button", { name: words.t("web.menu.apply") }).click();
    await page.locator(".menu summary", { hasText: "Olga" }).waitFor();
    await page.getByRole("link", { name: words.t("web.nav.dead_letters"), exact: true }).click();
    await button(page, "article.dead_letter", words.t("card.action.retry")).click();
    await page.locator("#note", { hasText: words.t("web.act.done.dead_letter.retry") }).waitFor();
    await eventually(async () => {
      here.plane().clock.advance(60_000);
      await page.goto(new URL("/dead-letters", here.url).href);
      expect(await page.locator("article.dead_letter").count()).toBe(1);
    });
    await page
      .locator("article.dead_letter")
      .getByText(words.t("card.action.discard"), { exact: true })
      .first()
      .click();
    await page.getByLabel(words.t("web.card.reason")).fill("<b>the house is sold</b>");
    await button(page, "article.dead_letter", words.t("card.action.discard")).click();
    await page.getByText(words.t("web.dead.count", { count: 0 })).waitFor();
    expect(await page.locator("#note").textContent()).toContain(words.t("web.act.done.dead_letter.discard"));
    await page.getByRole("link", { name: words.t("web.nav.work"), exact: true }).click();
    await page.locator("#threads a").first().click();
    expect(await page.locator("article.dead_letter").textContent()).toContain("<b>the house is sold</b>");
  });
});

const words = translatorFor("en");

test("an answer in one tab shows in the other, and a click that comes too late is told who was first", async () => {
  const here = await console_();
  const first = await tab(here);
  await start(first.page, words);
  await first.page.locator(QUESTION).waitFor();
  const second = await tab(here);
  await second.page.goto(first.page.url());
  // A third one that hears of nothing: its card is old when it is clicked.
  const deaf = await tab(here);
  await deaf.context.route("**/events**", (route) => route.abort());
  await deaf.page.goto(first.page.url());
  await deaf.page.locator(QUESTION).waitFor();

  await button(first.page, QUESTION, words.t("web.card.confirm")).click();
  await second.page.locator(RESOLVED).waitFor();
  await second.page.locator("article.result").waitFor();
  await button(deaf.page, QUESTION, words.t("web.card.confirm")).click();
  const note = deaf.page.locator("#note");
  expect(await note.textContent()).toContain("Already decided by Ada");
  await deaf.page.locator("#note:focus").waitFor();
  const runId = new URL(first.page.url()).pathname.split("/").at(-1) ?? "";
  const history = (await here.plane().agent.document(runId))?.history ?? [];
  expect(history.filter(({ event }) => event === "decision.answered")).toHaveLength(1);
});

test("what somebody is filling in stays while the page changes around it", async () => {
  const here = await console_();
  const { page } = await tab(here);
  await start(page, words);
  await page.locator(QUESTION).waitFor();
  await page.locator(`${QUESTION} input[name='q.scope'][value=own_selection]`).check();
  await page.fill("#say", "half a sentence");
  const other = await tab(here);
  await other.page.goto(page.url());
  await other.page.fill("#say", "why is it waiting?");
  await Promise.all([other.page.waitForURL(/#at-/), other.page.press("#say", "Enter")]);
  await page.getByText("why is it waiting?").waitFor();
  expect(await page.inputValue("#say")).toBe("half a sentence");
  expect(await page.locator("#say:focus").count()).toBe(1);
  expect(await page.locator(`${QUESTION} input[name='q.scope']:checked`).inputValue()).toBe("own_selection");
});

test("a reload and a restart of the bot in the middle lose nothing, and the page says when it is not live", async () => {
  const here = await console_();
  const { page } = await tab(here);
  await start(page, words);
  await page.locator(QUESTION).waitFor();
  await page.reload();
  await page.locator(QUESTION).waitFor();
  await here.stop();
  await page.locator("#lost", { hasText: words.t("web.live.lost") }).waitFor();
  await here.restart();
  await page.locator("#lost:empty").waitFor({ state: "attached" });
  await button(page, QUESTION, words.t("card.action.recommended")).click();
  await page.locator("article.result").waitFor();
  expect(await page.locator("article").count()).toBe(3);
});

test("what is filled in while the bot is down stays, is said not to be sent, and is sent only when asked again", async () => {
  const here = await console_();
  const { page, errors } = await tab(here);
  const runId = await start(page, words);
  const card = page.locator(QUESTION);
  await card.locator("input[name='q.scope'][value=own_selection]").check();
  await page.fill("#say", "where is it now?");
  const address = page.url();
  await here.stop();
  await button(page, QUESTION, words.t("web.card.confirm")).click();
  await card.getByRole("alert").getByText(words.t("web.live.not_sent")).waitFor();
  await page.press("#say", "Enter");
  await page.locator("#composer").getByRole("alert").waitFor();
  await here.restart();
  await page.locator("#lost:empty").waitFor({ state: "attached" });
  expect(page.url()).toBe(address);
  expect(await page.inputValue("#say")).toBe("where is it now?");
  expect(await card.locator("input[name='q.scope'][value=own_selection]").isChecked()).toBe(true);
  expect((await here.plane().agent.run(runId))?.decision?.resolved).toBeNull();
  await page.press("#say", "Enter");
  await page.locator(".entry.reply").waitFor();
  expect(await page.locator(".entry.said", { hasText: "where is it now?" }).count()).toBe(1);
  expect(errors).toEqual([]);
});

test("a form whose connection dies while it is sent is kept, and sent again it is one command", async () => {
  const here = await console_();
  const { page } = await tab(here);
  await page.route("**/say", async (route) => {
    await route.fetch({ maxRedirects: 0 });
    await route.abort("connectionreset");
  });
  await page.fill("#say", "/cox run please check the house");
  await page.press("#say", "Enter");
  await page.locator("#composer").getByRole("alert").waitFor();
  expect(await page.inputValue("#say")).toBe("/cox run please check the house");
  await page.unroute("**/say");
  await page.press("#say", "Enter");
  await page.waitForURL(/\/run_/);
  expect((await here.plane().agent.runs({ limit: 5, offset: 0 })).total).toBe(1);
});

test("on a narrow page the open question stands first, is short, and its buttons are always at hand", async () => {
  const here = await console_();
  const { page } = await tab(here, { viewport: { width: 400, height: 800 } });
  const runId = await start(page, words);
  await page.locator(`.entry:first-child ${QUESTION}`).waitFor();
  const confirm = button(page, QUESTION, words.t("web.card.confirm"));
  const inSight = async (): Promise<boolean> => {
    const box = await confirm.boundingBox();
    const top = await page.evaluate("window.scrollY");
    return box !== null && typeof top === "number" && box.y >= 0 && box.y + box.height <= 800;
  };
  await page.evaluate("window.scrollTo(0, 0)");
  expect(await inSight()).toBe(true);
  const other = page.locator(`${QUESTION} .option`, { has: page.locator("input[value=own_selection]") });
  await other.scrollIntoViewIfNeeded();
  expect(await inSight()).toBe(true);
  // Folded behind its label; a key opens all five fields.
  expect(await other.locator("dt").first().isVisible()).toBe(false);
  await other.locator("summary").press("Enter");
  await other.locator("dt").nth(4).waitFor();
  expect(await page.locator(`${QUESTION} .option:has(input:checked) dt`).first().isVisible()).toBe(true);
  await page.goto(new URL(`/runs/${runId}`, here.url).href);
  await page.getByRole("link", { name: words.t("web.run.to.decision") }).click();
  expect(await page.evaluate("document.activeElement.id")).toBe("card-decision");
});

test("in a page of another language, a card speaks that of its run, and the console's own buttons that of the reader", async () => {
  const here = await console_();
  const { page } = await tab(here);
  await start(page, words);
  await page.locator(QUESTION).waitFor();
  const { page: other } = await tab(here, { locale: "zh-CN" });
  const zh = translatorFor("zh-CN");
  await other.goto(page.url());
  const card = other.locator(QUESTION);
  expect(await card.getAttribute("lang")).toBe("en");
  expect(await card.textContent()).toContain(words.t("decision.assurance.execution_confirmation"));
  for (const key of ["web.card.confirm", "card.action.recommended"] as const) {
    expect(await button(other, QUESTION, zh.t(key)).count()).toBe(1);
  }
  expect(await card.locator(".ask-twice[lang=zh-CN] summary").textContent()).toBe(zh.t("card.action.cancel"));
  await button(other, QUESTION, zh.t("card.action.recommended")).click();
  await other.locator("article.result").waitFor();
  expect(await other.locator("article.result .files").textContent()).toContain(zh.t("web.file.download"));
});

test("everything can be done by keyboard alone", async () => {
  const here = await console_();
  const { page } = await tab(here);
  await page.keyboard.press("Tab");
  expect(await page.locator(".skip:focus").count()).toBe(1);
  const tabTo = async (selector: string): Promise<void> => {
    for (let steps = 0; steps < 80; steps += 1) {
      await page.keyboard.press("Tab");
      if ((await page.locator(`${selector}:focus`).count()) === 1) return;
    }
    throw new Error(`${selector} was not reached by Tab`);
  };
  await tabTo("#say");
  await page.keyboard.type(GOALS["en"] ?? "");
  await page.keyboard.press("Enter");
  // Nothing is started by the words alone; the offer has the focus, so that a second Enter takes it up.
  await page.locator("form[action='/chat/work/start'] button:focus").waitFor();
  expect((await here.plane().agent.runs({ limit: 1, offset: 0 })).total).toBe(0);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/chat\/work\/run_/);
  await page.locator(QUESTION).waitFor();
  await tabTo("input[name='q.scope']");
  await page.keyboard.press("ArrowDown");
  expect(await page.locator("input[name='q.scope']:checked").inputValue()).toBe("essential");
  await tabTo("form.decision button.primary");
  await page.keyboard.press("Enter");
  await page.locator("article.result").waitFor();
  expect(here.plane().runtime.orders.map(({ brief }) => brief.laneId)).toEqual(["cellar"]);
});

test("without scripts the same forms do the same, and a refusal keeps what was chosen", async () => {
  const here = await console_();
  const { page } = await tab(here, { javaScriptEnabled: false });
  await start(page, words);
  await eventually(async () => {
    await page.reload();
    expect(await page.locator(QUESTION).count()).toBe(1);
  });
  await page.locator(`${QUESTION} input[name='q.scope'][value=own_selection]`).check();
  for (const box of await page.locator("input[name='a.areas']").all()) await box.uncheck();
  await button(page, QUESTION, words.t("web.card.confirm")).click();
  expect(await page.locator("#note").textContent()).toContain("Areas");
  expect(await page.locator("input[name='q.scope']:checked").inputValue()).toBe("own_selection");
  await page.locator("input[name='a.areas'][value=roof]").check();
  await button(page, QUESTION, words.t("web.card.confirm")).click();
  await eventually(async () => {
    await page.reload();
    expect(await page.locator("article.result").count()).toBe(1);
  });
});

test("live progress of a worker stands beside its name", async () => {
  const here = await console_();
  const going = Promise.withResolvers<void>();
  here.plane().runtime.script("roof", async (order) => {
    await going.promise;
    return goodResultFor(order);
  });
  const { page } = await tab(here);
  await start(page, words);
  await button(page, QUESTION, words.t("card.action.recommended")).click();
  await page.locator(".worker[data-state=running]").first().waitFor();
  const runId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await eventually(async () => {
    here.progress({ runId, laneId: "roof", done: 3, total: 9, text: { kind: "raw", raw: "<i>tiles</i>" } });
    expect(await page.locator("[data-progress=roof]").textContent()).toBe("3 of 9 · <i>tiles</i>");
  });
  going.resolve();
  await page.locator("article.result").waitFor();
});
