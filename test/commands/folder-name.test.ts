import { expect, test } from "vitest";
import { folderName } from "../../src/commands/folder-name.ts";

test.each([
  ["/srv/shop/api", "api"],
  ["/srv/shop/api/", "api"],
  ["C:\\work\\api", "api"],
  ["/", "/"],
  ["/srv/a\nb\u0007", "a b\u{fffd}"],
  [`/srv/${"x".repeat(60)}`, `${"x".repeat(39)}…`],
])("the folder of %j is called %j", (path, name) => {
  expect(folderName(path)).toBe(name);
});
