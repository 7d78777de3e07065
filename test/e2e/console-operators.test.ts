import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Command } from "../../src/contracts/command.ts";
import { translatorFor } from "../../src/i18n.ts";
import { accessibilityProblems, launchChromium } from "../fixtures/chromium.ts";
import { aConsole, type ConsolePlane } from "../fixtures/console.ts";
import { aTask } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";

const HOUR_MS = 3600_000;

let here: ConsolePlane;
let browser: Browser;

beforeAll(async () => {
  const operatorChannels = [{ surface: "web", channel: "operators", role: "operators" }] as const;
  [here, browser] = await Promise.all([aConsole({ operatorChannels, digestMs: HOUR_MS }), launchChromium()]);
});
afterAll(async () => {
  await Promise.all([here.close(), browser.close()]);
});

async function start(id: string, goal: string, answers: "ask" | "recommended"): Promise<string> {
  const task = aTask({ goal, answers });
  const reply = await here.plane().agent.handle(Command.parse({ kind: "run.start", id, by: task.requestedBy, task }));
  if (reply.kind === "refused" || reply.kind === "done") throw new Error(reply.message);
  return reply.runId;
}

async function until(runId: string, status: string): Promise<void> {
  await eventually(async () => expect((await here.plane().agent.run(runId))?.summary.status).toBe(status));
}

test("alerts and digests stand in the operator channel, appear while it is open, and lead to their runs", async () => {
  const page = await browser.newPage({ viewport: { width: 400, height: 800 } });
  await page.goto(here.url);
  await page.goto(new URL("/chat/operators", here.url).href);
  const goal = `check the house <img src=x onerror="window.executed=1">`;
  const ended = await start("one", goal, "recommended");
  const asking = await start("two", "check the house again", "ask");
  await until(ended, "completed");
  await until(asking, "waiting");

  await eventually(async () => {
    here.plane().clock.advance(HOUR_MS, "asleep");
    expect(await page.locator("article.digest").count()).toBe(1);
  });
  // A day in one leap may also leave something undelivered for a day: that is an alert of its own.
  const alert = page.locator("article.alert", { has: page.locator(`a[href="/runs/${asking}"]`) });
  here.plane().clock.advance(24 * HOUR_MS, "asleep");
  await eventually(async () => {
    here.plane().clock.advance(60_000);
    expect(await alert.count()).toBe(1);
  });
  expect(await page.getByText("Nothing was said here yet.").isVisible()).toBe(false);
  expect(await page.locator("article.digest li").textContent()).toContain(goal);
  expect(await page.locator("article.digest li a").getAttribute("href")).toBe(`/runs/${ended}`);
  expect(await alert.textContent()).toContain(asking);
  expect(await page.evaluate("window.executed")).toBeUndefined();
  expect(await accessibilityProblems(page)).toEqual([]);

  // A reload shows the same: nothing of it was live only.
  await page.reload();
  expect([await page.locator("article.digest").count(), await alert.count()]).toEqual([1, 1]);

  // Such a card too leads to what it is in other places.
  for (const [card, said] of [
    [page.locator("article.digest"), goal],
    [alert, asking],
  ] as const) {
    await card.locator("footer a", { hasText: translatorFor("en").t("web.card.preview") }).click();
    await eventually(async () => expect(await page.locator("figure.drawn").count()).toBe(2));
    for (const drawn of await page.locator("figure.drawn").allTextContents()) expect(drawn).toContain(said);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.locator(".crumb a").click();
    await card.waitFor();
  }
});
