import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { endedWith, launchBoat, type Boat } from "../e2e/coxswain.ts";
import { repositoryWithoutCommit, type FolderFixture } from "../fixtures/repositories.ts";

const PLUGIN = join(import.meta.dirname, "../../examples/plugins/word-count/plugin.ts");

let boat: Boat;
let repository: FolderFixture;
beforeEach(async () => {
  boat = await launchBoat();
  repository = await repositoryWithoutCommit();
  await repository.write("README.md", "one two three\n");
  await repository.write("docs/more.md", "four\nfive\n");
  await repository.commit("Begin");
});
afterEach(async () => {
  await boat.remove();
  await repository.remove();
});

const call = (args: readonly string[], environment: Readonly<Record<string, string>>) =>
  boat.call(args, { folder: repository.folder, environment });

describe("a plugin that the settings name", () => {
  test("adds its macro, its runtime and its strategy, and hears of the run", async () => {
    const environment = {
      COXSWAIN_PLUGINS: JSON.stringify([PLUGIN]),
      COXSWAIN_STRATEGY: "shortest-first",
      COXSWAIN_LOG_LEVEL: "info",
    };
    const started = await call(
      ["run", "count the words", "--workspace", repository.folder, "--answers", "recommended", "--json"],
      environment,
    );
    endedWith(0, started);
    expect(started.err).toContain('"plugin":"word-count"');
    const exported = endedWith(0, await call(["export", String(started.last?.["runId"])], environment));
    expect(JSON.parse(exported.out)).toMatchObject({
      run: { lanes: { words: { result: { facts: { words: 5 } } } } },
    });
    const queue = endedWith(0, await call(["queue", "--json"], environment));
    expect(queue.out).toContain("shortest-first");
  });

  test("is named where it cannot be used, with the reason and the way out", async () => {
    const missing = await call(["config", "check"], { COXSWAIN_PLUGINS: '["/nowhere/plugin.ts"]' });
    endedWith(2, missing);
    expect(missing.err).toContain("/nowhere/plugin.ts");
    expect(missing.err).toContain('take it out of the setting "plugins"');
    await repository.write("empty.ts", "export const other = 1;\n");
    const wrong = await call(["config", "check"], {
      COXSWAIN_PLUGINS: JSON.stringify([join(repository.folder, "empty.ts")]),
    });
    endedWith(2, wrong);
    expect(wrong.err).toContain('an export "plugin"');
  });

  test("without it, an agent of its runtime is a mistake in the configuration", async () => {
    const folder = join(import.meta.dirname, "../../examples/plugins/word-count/config");
    const checked = await call(["config", "check"], { COXSWAIN_CONFIG_FOLDERS: JSON.stringify([folder]) });
    endedWith(2, checked);
    expect(checked.err).toContain('one of command was expected, "function" came');
  });
});
