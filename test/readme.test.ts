import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { macroProblems } from "../adapters/catalog/check-macro.ts";
import { Macro } from "../src/contracts/macro.ts";
import { parseYaml } from "../src/yaml.ts";
import { answer, shippedCatalog, walk } from "./fakes/spine-walk.ts";

const ROOT = resolve(import.meta.dirname, "..");
const PICTURES = "docs/pictures";

/** Pictures that the README shows, in Markdown or in HTML, with what is said of them where they cannot be seen. */
function picturesIn(markdown: string): { path: string; said: string }[] {
  const written = [...markdown.matchAll(/!\[(?<said>[^\]]*)\]\((?<path>[^)\s]+)\)/g)];
  const tagged = [...markdown.matchAll(/<img src="(?<path>[^"]+)" alt="(?<said>[^"]*)"/g)];
  expect(tagged.length).toBe(markdown.match(/<img\b/g)?.length ?? 0);
  return [...written, ...tagged].map(({ groups = {} }) => ({ path: groups["path"] ?? "", said: groups["said"] ?? "" }));
}

test("every picture of the README is there, is small, and is described; and none lies about unused", () => {
  const shown = picturesIn(readFileSync(join(ROOT, "README.md"), "utf8"));
  for (const { path, said } of shown) {
    expect(statSync(join(ROOT, path)).size, path).toBeLessThan(130_000);
    expect(said.length, path).toBeGreaterThan(20);
  }
  const there = readdirSync(join(ROOT, PICTURES)).map((name) => `${PICTURES}/${name}`);
  expect(there.length).toBeGreaterThan(5);
  expect(there.filter((path) => !shown.some((picture) => picture.path === path))).toEqual([]);
});

test("the macro of the README is a valid one, and its goal is planned with the agents as shipped", async () => {
  const [, yaml = ""] =
    /^## Write a macro$[^]*?```yaml\n([^]*?)```/m.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
  const parsed = parseYaml(yaml, "authors.yaml", Macro);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  expect(macroProblems(parsed.value)).toEqual([]);
  const shipped = await shippedCatalog();
  const catalog = { ...shipped, macros: [...shipped.macros, parsed.value] };
  const [goal = ""] = parsed.value.triggers.phrases;
  const run = walk({ catalog, task: { goal } }, answer(walk({ catalog, task: { goal } })));
  expect(run.packets.workerTaskPackets?.map(({ command }) => command)).toEqual([parsed.value.lanes[0]?.command]);
});
