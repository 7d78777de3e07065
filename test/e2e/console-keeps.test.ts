import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { translatorFor } from "../../src/i18n.ts";
import { createFakeWorkspace } from "../fakes/fake-workspace.ts";
import { accessibilityProblems, launchChromium } from "../fixtures/chromium.ts";
import { aConsole, type ConsolePlane } from "../fixtures/console.ts";
import { KEEPING_CATALOG, SEALED } from "../fixtures/keeping-catalog.ts";
import { eventually } from "../fixtures/eventually.ts";
import { PATIENCE_MS } from "../fixtures/patience.ts";
import { EVIDENCE } from "../fixtures/run-events.ts";

const UNDO_MS = 10_000;
const OPEN = "article.decision[data-state=open]";
const GOALS = { en: "check the house", "zh-CN": "请帮我们 check the house 检查房子" };

const workspace = createFakeWorkspace({ revision: EVIDENCE.revision });
workspace.script.change = SEALED;
let here: ConsolePlane;
let browser: Browser;
beforeAll(async () => {
  [here, browser] = await Promise.all([aConsole({ workspace, catalog: KEEPING_CATALOG }), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await here.close();
});

test.each(["en", "zh-CN"] as const)(
  "in %s, a change is shown, allowed, taken back in time, allowed again, and then named as a branch",
  async (locale) => {
    const words = translatorFor(locale);
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const button = (scope: string, name: string) => page.locator(scope).getByRole("button", { name, exact: true });
    await page.goto(here.url);
    await page.fill("#say", `/cox run ${GOALS[locale]}`);
    await page.press("#say", "Enter");
    await page.waitForURL(/\/run_/);
    const runId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    const branch = `coxswain/${runId}`;
    await page.locator(`${OPEN} input[name='q.note'][value=yes]`).check();
    await button(OPEN, words.t("web.card.confirm")).click();

    const allow = async (): Promise<void> => {
      const choice = page.locator(`${OPEN} input[name='q.keep_change'][value=keep_branch]`);
      await choice.check();
      expect(await accessibilityProblems(page)).toEqual([]);
      const card = (await page.locator(OPEN).textContent()) ?? "";
      expect(card).toContain("+a note\u{fffd}");
      expect(card).toContain(words.t("decision.assurance.permission"));
      await button(OPEN, words.t("web.card.confirm")).click();
      const notice = page.locator("article.notice", { hasText: branch });
      // Until when, to the second, and as a button: nobody has to know a command.
      const until = here.plane().clock.now() + UNDO_MS;
      const time = new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(until);
      await notice.getByText(time).waitFor();
      await button("article.notice", words.t("keep.action.undo")).waitFor();
      await eventually(async () => expect(await page.locator(OPEN).count()).toBe(0));
    };
    const nothingToUndo = (): Promise<void> =>
      eventually(async () => expect(await button("article.notice", words.t("keep.action.undo")).count()).toBe(0));

    await allow();
    await button("article.notice", words.t("keep.action.undo")).click();
    await page.locator(OPEN).waitFor();
    await page.locator(`${OPEN} #note`, { hasText: words.t("web.act.done.decision.undo") }).waitFor();
    expect(await page.locator("#note").count()).toBe(1);
    await page.locator(".entry.reply", { hasText: words.t("web.act.undone", { who: "Ada" }) }).waitFor();
    await nothingToUndo();
    here.plane().clock.advance(UNDO_MS);

    await allow();
    expect(workspace.branches.has(branch)).toBe(false);
    here.plane().clock.advance(UNDO_MS);
    await page.locator("article.result", { hasText: branch }).waitFor();
    expect(workspace.branches.get(branch)).toBe(SEALED.commit);
    await nothingToUndo();
    await context.close();
  },
);
