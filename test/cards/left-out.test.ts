import { expect, test } from "vitest";
import { uncheckedLines } from "../../src/cards/outcome-words.ts";
import { keyed, translatorFor } from "../../src/i18n.ts";
import { BARE, shippedCatalog, walk } from "../fakes/spine-walk.ts";

test("a result says which files of the folder no worker saw", async () => {
  const gaps = [keyed("workspace.gap.outside_links", { count: 1, paths: "l", more: 0 })];
  const run = walk({ catalog: await shippedCatalog(), evidence: { ...BARE, gaps } });
  expect(uncheckedLines(run, translatorFor("en"))).toContain("A link that leads out of the folder is left out: l.");
});
