import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readTextUpTo } from "../../../adapters/files.ts";
import { emptyFolder } from "../../fixtures/repositories.ts";

test("a text is read up to its limit, and a device without end is not", async () => {
  const fixture = await emptyFolder();
  onTestFinished(() => fixture.remove());
  await fixture.write("a.json", "{é}");
  const file = join(fixture.folder, "a.json");
  expect(readTextUpTo(file, 4)).toBe("{é}");
  expect(readTextUpTo(file, 3)).toBeUndefined();
  expect(readTextUpTo("/dev/zero", 1000)).toBeUndefined();
  expect(readTextUpTo(fixture.folder, 1000)).toBeUndefined();
  expect(readTextUpTo(join(fixture.folder, "nowhere"), 1000)).toBeUndefined();
});
