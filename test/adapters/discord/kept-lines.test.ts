import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { openLines } from "../../../adapters/discord/kept-lines.ts";
import { createLog } from "../../../src/log.ts";

const Line = z.object({ key: z.string(), value: z.number() });

const opened = (file: string) =>
  openLines({ file, schema: Line, keyOf: ({ key }) => key, most: 2 }, createLog("silent"));

async function aFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-lines-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "discord", "lines.jsonl");
}

test("the last line of a key holds, and the newest are kept", async () => {
  const file = await aFile();
  const lines = await opened(file);
  for (const [at, key] of ["a", "b", "c", "b"].entries()) lines.keep({ key, value: at });
  await lines.flush();
  const known = [
    { key: "c", value: 2 },
    { key: "b", value: 3 },
  ];
  expect((await opened(file)).known).toEqual(known);
  expect((await opened(file)).known).toEqual(known);
});

test("half a line spoils only itself, whether a crash left it or a full disk", async () => {
  const file = await aFile();
  const before = await opened(file);
  before.keep({ key: "a", value: 1 });
  await before.flush();
  await appendFile(file, '\n{"key":"hal');
  before.keep({ key: "b", value: 2 });
  await before.flush();
  await appendFile(file, '\n{"key":"hal');
  expect((await opened(file)).known.map(({ key }) => key)).toEqual(["a", "b"]);
});

test("the file does not grow with what is forgotten, however long the process lives", async () => {
  const file = await aFile();
  const lines = await opened(file);
  for (let value = 0; value < 100; value += 1) lines.keep({ key: `key ${value % 5}`, value });
  await lines.flush();
  const kept = (await readFile(file, "utf8")).trim().split("\n");
  expect(kept.length).toBeLessThanOrEqual(4);
  expect(kept.at(-1)).toContain('"value":99');
});
