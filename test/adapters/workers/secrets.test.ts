import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commit, places, repository, runLane, wrongPlaces } from "./lane.ts";

// Put together here, so that this repository holds none.
const TOKEN = ["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_");

test("a secret is found with its line, and its value is nowhere in the output", async () => {
  const folder = await repository({
    "src/a.ts": `const a = 1;\r\nconst token = "${TOKEN}";\r\n`,
    "big.txt": Buffer.alloc(1_000_001, "x"),
    "image.png": Buffer.from([1, 0, 2]),
    "empty.txt": "",
  });
  await symlink("/etc/hostname", join(folder, "link"));
  await commit(folder, {});

  const outcome = await runLane("secrets", folder);

  expect(outcome).toMatchObject({ exitCode: 0, done: true });
  expect(places(outcome)).toEqual(["secrets.found src/a.ts:2"]);
  expect(outcome.findings[0]?.severity).toBe("high");
  expect(await wrongPlaces(folder, outcome)).toEqual([]);
  expect(outcome.output).not.toContain(TOKEN.slice(4));
  expect(outcome.facts).toMatchObject({ trackedFiles: 5, filesScanned: 2, filesSkipped: 3 });
  expect(outcome.unavailable).toEqual(["secrets.too_large", "secrets.binary", "secrets.unreadable", "secrets.history"]);
});

test("beyond 50 places the rest is counted", async () => {
  const folder = await repository({ "a.txt": `${TOKEN}\n`.repeat(53) });
  const outcome = await runLane("secrets", folder);
  expect(outcome.findings).toHaveLength(50);
  expect(outcome.facts["count.secrets.found"]).toBe(53);
  expect(outcome.unavailable).toContain("worker.more_findings");
  expect(outcome.output).not.toContain(TOKEN);
});
