import { expect, test } from "vitest";
import { places, repository, runLane, wrongPlaces } from "./lane.ts";

test("large files, leftovers, unfinished merges and built files are found", async () => {
  const folder = await repository({
    "a.ts": "one\n<<<<<<< HEAD\ntwo\n=======\nthree\n>>>>>>> other\n",
    "heading.md": "Title\n=======\n",
    "debug.log": "x\n",
    "long.ts": "// TODO: split\n".repeat(1001),
    "data.bin": Buffer.alloc(1_500_000),
    "lib/tool.jar": Buffer.from([0, 1]),
    "node_modules/x/index.js": "x\n",
    "node_modules/y/index.js": "x\n",
  });

  const outcome = await runLane("size", folder);

  expect(outcome).toMatchObject({ exitCode: 0, done: true });
  expect(places(outcome)).toEqual([
    "size.built_binary lib/tool.jar:",
    "size.committed_output :",
    "size.conflict_marker a.ts:2",
    "size.large_file data.bin:",
    "size.leftover debug.log:",
    "size.long_source long.ts:",
    "size.open_notes :",
  ]);
  expect(await wrongPlaces(folder, outcome)).toEqual([]);
  expect(outcome.facts).toMatchObject({ trackedFiles: 8, openNotes: 1001, binaryFiles: 1 });
  expect(outcome.unavailable).toEqual(["size.too_large"]);
});
