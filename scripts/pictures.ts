import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { stringify } from "yaml";
import { z } from "zod";
import { launchBoat, type Boat } from "../test/e2e/coxswain.ts";
import { launchChromium } from "../test/fixtures/chromium.ts";
import { repositoryWithoutCommit, type FolderFixture } from "../test/fixtures/repositories.ts";
import { smallPng } from "./small-png.ts";

/**
 * `npm run pictures`: writes the pictures of the README's chapters about Slack and Discord to docs/pictures. The real
 * bot does two real runs; its console draws their cards from what the platforms would be sent; Chromium takes the
 * pictures. A font with emoji must be there (Debian: fonts-noto-color-emoji).
 */

const FOLDER = join(import.meta.dirname, "..", "docs", "pictures");
const SCALE = 1.25;
/** CSS pixels; of what is longer only the beginning or the end is shown, unless a picture says otherwise. */
const TALLEST = 760;
/** Half of what lies between two blocks. */
const GAP = 4;

/** A kind of work that fails for good, so that there is a dead letter. */
const FAILING = {
  id: "publish-docs",
  title: { en: "Publish the documentation" },
  description: { en: "Copies the documentation to the server." },
  type: "C",
  path: "regulated_path",
  risk: "low",
  triggers: { phrases: ["publish the documentation"] },
  lanes: [
    {
      id: "upload",
      title: { en: "Upload" },
      role: "operations",
      command: ["/bin/sh", "-c", "echo 'connect to host docs.example.org: Connection refused' >&2; exit 12"],
      repeatable: true,
      essential: true,
      retries: 0,
      verify: [
        { id: "ended-well", kind: "exit_code" },
        { id: "log-kept", kind: "artifact", path: "output.log" },
      ],
      timeLimitMs: 60_000,
    },
  ],
};

/** A small project with a little of what a health check finds, and nothing that it would fetch. */
async function aProject(): Promise<FolderFixture> {
  const project = await repositoryWithoutCommit();
  const manifest = {
    name: "timetable",
    version: "1.2.0",
    private: true,
    type: "module",
    scripts: { test: "node --test" },
  };
  await project.write("package.json", JSON.stringify(manifest, null, 2));
  await project.write("src/minutes.js", "export const minutes = (hours) => hours * 60;\n");
  await project.write(
    "test/minutes.test.js",
    [
      'import { equal } from "node:assert/strict";',
      'import { test } from "node:test";',
      'import { minutes } from "../src/minutes.js";',
      "",
      'test("an hour has sixty minutes", () => equal(minutes(1), 60));',
      'test.skip("half an hour has thirty", () => equal(minutes(0.5), 30));',
      "",
    ].join("\n"),
  );
  await project.commit("Count minutes");
  await project.write("README.md", "# Timetable\n\nSee [the guide](docs/guide.md) and [the plan](docs/plan.md).\n");
  await project.write("docs/guide.md", "# Guide\n\nTODO: say what a timetable is.\n");
  await project.commit("Document it");
  return project;
}

/** Which drawing of a page of previews: the how-manieth of its platform, among what buttons open or not. */
interface Drawing {
  readonly place: "slack" | "discord";
  readonly at?: number;
  readonly opened?: boolean;
  readonly part?: "beginning" | "end";
  readonly tallest?: number;
}

async function start(boat: Boat, folder: string, goal: string, ...more: string[]): Promise<string> {
  const { last, err } = await boat.call(["run", goal, "--json", ...more], { folder });
  const run = z.object({ runId: z.string() }).safeParse(last);
  if (!run.success) throw new Error(`a run was expected; this came:\n${err}`);
  return run.data.runId;
}

/** Goes to the previews of a card and takes pictures of some of its drawings. */
async function take(page: Page, path: string, pictures: Readonly<Record<string, Drawing>>): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  await page.evaluate(`for (const each of document.querySelectorAll("details.opened")) each.open = true`);
  for (const [name, { place, at = 0, opened = false, part = "beginning", tallest = TALLEST }] of Object.entries(
    pictures,
  )) {
    const drawn = page.locator(`${opened ? "details.opened" : ".preview"} > figure > .${place}`).nth(at);
    const png = await page.screenshot({ clip: await clipOf(drawn, part, tallest), fullPage: true });
    const small = smallPng(await pixelsOf(page, png));
    await writeFile(join(FOLDER, `${name}.png`), small);
    process.stdout.write(`${name}.png: ${(small.length / 1024).toFixed(0)} KiB\n`);
  }
}

/** The drawing, or as many whole blocks of it as are not too tall. */
async function clipOf(drawn: Locator, part: "beginning" | "end", tallest: number) {
  const blocks = await drawn.locator(".slack-blocks > *, .discord-container > *").all();
  const [whole, ...boxes] = await Promise.all([drawn, ...blocks].map((each) => each.boundingBox()));
  if (!whole) throw new Error("nothing is drawn there");
  const bottom = whole.y + whole.height;
  if (whole.height <= tallest) return whole;
  if (part === "beginning") {
    const ends = boxes.map((box) => (box === null ? 0 : box.y + box.height)).filter((end) => end <= whole.y + tallest);
    return { ...whole, height: Math.max(...ends) + GAP - whole.y };
  }
  const starts = boxes.map((box) => box?.y ?? 0).filter((start) => start >= bottom - tallest);
  const y = Math.min(...starts) - GAP;
  return { ...whole, y, height: bottom - y };
}

/** The browser that wrote the picture also reads it. */
async function pixelsOf(page: Page, png: Buffer) {
  const read = await page.evaluate(`(async () => {
    const bytes = Uint8Array.fromBase64("${png.toString("base64")}");
    const image = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return { width: image.width, height: image.height, rgba: new Uint8Array(data.buffer).toBase64() };
  })()`);
  const { rgba, ...size } = z.object({ width: z.number(), height: z.number(), rgba: z.base64() }).parse(read);
  return { ...size, rgba: Buffer.from(rgba, "base64") };
}

const [boat, repository, browser] = await Promise.all([launchBoat(), aProject(), launchChromium()]);
try {
  // Cards name the folder.
  const folder = join(boat.stateRoot, "..", "timetable");
  await rename(repository.folder, folder);
  const own = join(boat.stateRoot, "..", "own");
  await mkdir(join(own, "macros"), { recursive: true });
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(own, "macros", "publish-docs.yaml"), stringify(FAILING));
  const environment = {
    COXSWAIN_CONFIG_FOLDERS: JSON.stringify([own]),
    COXSWAIN_RETRY_BASE_MS: "1",
    COXSWAIN_LANGUAGE: "en",
  };
  const bot = boat.startBot({ folder, environment });
  const [address] = await bot.printed(/http:\S+token=\S+/);
  const page = await browser.newPage({ locale: "en", viewport: { width: 720, height: 900 }, deviceScaleFactor: SCALE });
  await page.goto(address);

  const run = await start(boat, folder, "check the health of this repository");
  await take(page, `/preview/${run}?card=notice`, {
    "slack-notice": { place: "slack" },
    "discord-notice": { place: "discord" },
  });
  await take(page, `/preview/${run}?card=decision`, {
    "slack-decision": { place: "slack", part: "end" },
    "slack-answer": { place: "slack", opened: true, tallest: 930 },
    "discord-decision": { place: "discord", at: 1, tallest: 1200 },
    "discord-details": { place: "discord", opened: true, tallest: 1200 },
  });
  await boat.call(["answer", run, "--answers", "recommended"], { folder });
  await take(page, `/preview/${run}?card=result`, {
    "slack-result": { place: "slack" },
    "discord-result": { place: "discord" },
  });
  const dead = await start(boat, folder, "publish the documentation", "--answers", "recommended");
  await take(page, `/preview/${dead}?card=dead_letter`, {
    "slack-dead-letter": { place: "slack" },
    "discord-dead-letter": { place: "discord" },
  });
  bot.signal("SIGTERM");
  await bot.ended;
} finally {
  await browser.close();
  await repository.remove();
  await boat.remove();
}
