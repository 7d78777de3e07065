import { expect, test } from "vitest";
import { places, repository, runLane, wrongPlaces } from "./lane.ts";

test("broken links and missing sections are found in their lines", async () => {
  const folder = await repository({
    LICENSE: "MIT\n",
    "README.md": [
      "# Tool",
      "## How to install, use and test",
      "[good](docs/guide.md#first-part) [folder](docs) [web](https://example.org) [up](../../issues)",
      "[gone](docs/gone.md) `[code](nothing.md)`",
      "![picture](images/none.png)",
      '<p>\n<img src="other.png">\n</p>',
      "",
      "[here](#how-to-install-use-and-test) [nowhere](#nowhere)",
    ].join("\n"),
    "docs/guide.md":
      "---\ntitle: x\n---\n# First part\n\n[back](/README.md)\n\n[second](#first-part-1)\n\n# First part\n",
    "docs/empty.md": "\n",
  });

  const outcome = await runLane("documentation", folder);

  expect(outcome).toMatchObject({ exitCode: 0, done: true });
  expect(places(outcome)).toEqual([
    "documentation.broken_link README.md:4",
    "documentation.broken_link README.md:5",
    "documentation.broken_link README.md:7",
    "documentation.empty docs/empty.md:",
    "documentation.missing_anchor README.md:10",
  ]);
  expect(await wrongPlaces(folder, outcome)).toEqual([]);
  expect(outcome.facts).toMatchObject({ trackedFiles: 4, markdownFiles: 3, brokenLinks: 4, readme: "README.md" });
  expect(outcome.unavailable).toEqual(["documentation.external_links", "documentation.links_outside"]);
});

test("a README that says nothing, and no README at all, are findings", async () => {
  const thin = await runLane("documentation", await repository({ "README.md": "# Tool\n" }));
  expect(places(thin)).toEqual([
    "documentation.licence_missing :",
    ...Array.from({ length: 3 }, () => "documentation.readme_part_missing README.md:1"),
  ]);
  const none = await runLane("documentation", await repository({ "a.txt": "x" }));
  expect(places(none)).toEqual(["documentation.licence_missing :", "documentation.readme_missing :"]);
});
