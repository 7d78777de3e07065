import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadCatalog } from "../../../adapters/catalog/load-catalog.ts";
import { generatedFiles, staleFiles } from "../../../scripts/generate-schemas.ts";

const CONFIG = join(import.meta.dirname, "..", "..", "..", "config");
const INDEX = { layer: "coxswain", path: join(CONFIG, "capability-index", "coxswain-capabilities.json") };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "coxswain-catalog-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<string> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
  return join(folder, path);
}

async function load(folders = [folder]): Promise<string> {
  return loadCatalog({ configFolders: folders, capabilityIndexFiles: [] }).then(
    () => "loaded",
    (error: Error & { code?: string }) => `${error.code ?? ""} ${error.message}`,
  );
}

const AGENT = `id: painter
title: { en: Painter }
capabilities: [paint a wall]
runtime: command
argv: [paint]
`;
const MACRO = `id: paint
title: { en: Paint }
description: { en: Paints. }
type: C
path: standard_path
risk: low
triggers: { phrases: [paint] }
args:
  coats: { type: integer, title: { en: Coats }, default: 2, min: 1, max: 3 }
lanes:
  - id: wall
    title: { en: Wall }
    role: frontend
    need: paint a wall
    keywords: [paint]
    verify: [{ id: ended, kind: exit_code }]
    timeLimitMs: 1000
`;

describe("what ships", () => {
  test("is valid, and every lane's need is a capability of the shipped index", async () => {
    const { macros, agents, capabilityLayers } = await loadCatalog({
      configFolders: [CONFIG],
      capabilityIndexFiles: [INDEX],
    });
    const macro = macros.find(({ id }) => id === "repository-health");
    const capabilities = capabilityLayers.flatMap(({ index }) =>
      index.capabilities.map(({ capability }) => capability),
    );
    expect(macro?.lanes.map(({ id }) => id)).toEqual([
      "history",
      "dependencies",
      "tests",
      "documentation",
      "secrets",
      "size",
    ]);
    const needs = macros.flatMap(({ type, lanes }) => (type === "C" ? lanes.map(({ need }) => need) : []));
    expect(capabilities).toEqual(expect.arrayContaining(needs));
    expect(agents.length).toBeGreaterThanOrEqual(12);
  });

  test("speaks every shipped language in every text of macros and agents", async () => {
    const { macros, agents } = await loadCatalog({ configFolders: [CONFIG], capabilityIndexFiles: [] });
    const texts = JSON.stringify([macros, agents]).match(/\{"en":[^{}]*\}/g) ?? [];
    expect(texts.length).toBeGreaterThan(40);
    expect(texts.filter((text) => !text.includes('"zh-CN":'))).toEqual([]);
  });

  test("says in words what the pattern of an argument means", async () => {
    const { macros } = await loadCatalog({ configFolders: [CONFIG], capabilityIndexFiles: [] });
    const patterned = macros.flatMap(({ args }) =>
      Object.values(args).filter((argument) => argument.type === "string" && argument.pattern !== undefined),
    );
    expect(patterned.length).toBeGreaterThanOrEqual(2);
    expect(patterned.filter((argument) => !("patternHint" in argument))).toEqual([]);
  });

  test("names programs that are there", async () => {
    const { agents } = await loadCatalog({ configFolders: [CONFIG], capabilityIndexFiles: [] });
    const programs = agents.flatMap(({ argv }) => argv.filter((part) => part.startsWith("{root}")));
    expect(programs.length).toBeGreaterThanOrEqual(11);
    for (const program of programs) {
      expect(await readFile(program.replace("{root}", join(CONFIG, "..")), "utf8")).toContain("await runWorker(");
    }
  });

  test("has generated files that are up to date", async () => {
    expect([...(await generatedFiles()).keys()]).toHaveLength(4);
    expect(await staleFiles()).toEqual([]);
  });
});

test("a user adds a macro by adding one file", async () => {
  await put("macros/paint.yaml", MACRO);
  const { macros } = await loadCatalog({ configFolders: [CONFIG, folder], capabilityIndexFiles: [] });
  expect(macros.map(({ id }) => id)).toEqual(expect.arrayContaining(["repository-health", "paint"]));
});

test("a later folder replaces what has the same id, and says so", async () => {
  const other = join(folder, "other");
  await put("agents/painter.yaml", AGENT);
  await put("other/agents/mine.yml", AGENT.replace("[paint]", "[roll]"));
  const notices: string[] = [];
  const { agents } = await loadCatalog({
    configFolders: [folder, other],
    capabilityIndexFiles: [],
    onNotice: (notice) => notices.push(notice),
  });
  expect(agents.map(({ argv }) => argv)).toEqual([["roll"]]);
  expect(notices).toEqual([expect.stringContaining("mine.yml replaces")]);
});

test("all mistakes of all files come at once, each with file, line and column", async () => {
  const macro = await put(
    "macros/paint.yaml",
    MACRO.replace("risk: low", "risk: tiny").replace("timeLimitMs", "timeLimitMS"),
  );
  const agent = await put("agents/painter.yaml", AGENT.replace("{ en: Painter }", "{ de: Maler }"));
  const message = await load();
  expect(message).toMatch(/^config\.invalid There are 4 mistakes/);
  expect(message).toContain(`${macro}:6:7: risk`);
  expect(message).toContain('(came: "tiny")');
  expect(message).toMatch(/paint\.yaml:17:5: "timeLimitMS" is not known here\. Did you mean "timeLimitMs"\?/);
  expect(message).toContain(`${agent}:2:8: title.en`);
});

test.each([
  ["a duplicate key", "agents/a.yaml", `${AGENT}id: again\n`, /a\.yaml:6:1: .*unique/],
  ["an id that is taken", "agents/b.yaml", AGENT, /b\.yaml:1:1: id: .*taken by .*a\.yaml:1/],
  [
    "a governance agent",
    "agents/a.yaml",
    AGENT.replace("painter", "meta-warden"),
    /a\.yaml:1:5: id: governance agents/,
  ],
  ["an empty file", "macros/a.yaml", "", /a\.yaml:1:1: .*expected object/],
  [
    "a file that is too large",
    "macros/a.yaml",
    `# ${"x".repeat(256_001)}`,
    /a\.yaml:1:1: at most 256 kB .* 257 kB came/,
  ],
  [
    "a lane that waits for nobody",
    "macros/a.yaml",
    `${MACRO}    dependsOn: [floor]\n`,
    /a\.yaml:18:17: .*no lane is called "floor"/,
  ],
  [
    "a default out of range",
    "macros/a.yaml",
    MACRO.replace("default: 2", "default: 9"),
    /a\.yaml:9:\d+: .*from 1 to 3 .* 9 came/,
  ],
  [
    "a broken placeholder",
    "macros/a.yaml",
    MACRO.replace("en: Wall", 'en: "Wall {"'),
    /a\.yaml:12:\d+: .*placeholders/,
  ],
  [
    "a language that is none",
    "macros/a.yaml",
    MACRO.replace("en: Wall", "en: Wall, 'not a tag': x"),
    /a\.yaml:12:\d+: .*language tag/,
  ],
])("%s is refused with its place", async (_what, path, text, expected) => {
  if (path === "agents/b.yaml") await put("agents/a.yaml", AGENT);
  await put(path, text);
  expect(await load()).toMatch(expected);
});

test("aliases that multiply are refused before they fill the memory", async () => {
  const levels = Array.from(
    { length: 9 },
    (_, n) => `l${n + 1}: &l${n + 1} [${Array.from({ length: 9 }, () => `*l${n}`).join(", ")}]`,
  );
  await put("macros/bomb.yaml", ["l0: &l0 [x]", ...levels].join("\n"));
  expect(await load()).toContain("aliases");
});

test("an option that changes nothing is refused", async () => {
  const option = (id: string, effect: string) =>
    `      - { id: ${id}, label: { en: a }, changes: { en: a }, solves: { en: a }, result: { en: a }, advantages: { en: a }, disadvantages: { en: a }, effect: ${effect} }\n`;
  const options =
    option("one", "{}") + option("two", "{ excludeLanes: [wall] }") + option("three", "{ setArgs: { coats: 7 } }");
  await put("macros/paint.yaml", `${MACRO}questions:\n  - id: q\n    title: { en: Q }\n    options:\n${options}`);
  const message = await load();
  expect(message).toMatch(/paint\.yaml:22:\d+: questions\[0\].*changes something/);
  expect(message).toMatch(/paint\.yaml:24:\d+: .*from 1 to 3 was expected, 7 came/);
});

test("an option that sets what is no argument is refused, whatever that is called", async () => {
  const option = (id: string, effect: string) =>
    `      - { id: ${id}, label: { en: a }, changes: { en: a }, solves: { en: a }, result: { en: a }, advantages: { en: a }, disadvantages: { en: a }, effect: ${effect} }\n`;
  const options = option("one", "{ excludeLanes: [wall] }") + option("two", "{ setArgs: { constructor: 7 } }");
  await put("macros/paint.yaml", `${MACRO}questions:\n  - id: q\n    title: { en: Q }\n    options:\n${options}`);
  expect(await load()).toContain('no argument is called "constructor"');
});

test("a capability index that is missing or wrong is a mistake with its place", async () => {
  const path = await put("index.json", '{\n  "schemaVersion": 2,\n  "capabilities": []\n}\n');
  const files = [
    { layer: "project", path },
    { layer: "global", path: join(folder, "none.json") },
  ];
  const loading = loadCatalog({ configFolders: [], capabilityIndexFiles: files });
  await expect(loading).rejects.toThrow(/index\.json:2:20: schemaVersion.*\n.*none\.json:1:1: .*ENOENT/);
});

describe("declared commands", () => {
  const RUNBOOK = (command: string, more = "") => `id: book
title: { en: Book }
description: { en: Runs it. }
type: C
path: standard_path
risk: low
triggers: { phrases: [book] }
args:
  folder: { type: string, title: { en: Folder }, default: . }
  dash: { type: string, title: { en: Dash }, default: -x }
  tool: { type: choice, title: { en: Tool }, default: ls, choices: [ls, du] }
  lanes: { type: lanes, title: { en: Parts }, default: [look] }
lanes:
  - id: look
    title: { en: Look }
    role: operations
    command: ${command}
    ${more}
    verify: [{ id: ended, kind: exit_code }]
    timeLimitMs: 1000
`;
  const loadBook = async (text: string): Promise<string> => {
    await put("macros/book.yaml", text);
    return load();
  };

  test.each([
    "{ id: files, kind: fact_equals_evidence, fact: trackedFiles, evidence: trackedFiles }",
    "{ id: files, kind: facts_present, facts: [files] }",
    "{ id: files, kind: fact_at_least, fact: files, value: 1 }",
  ])("report no facts, so the check %s is refused at its line, with what fits", async (check) => {
    const text = RUNBOOK("[ls]").replace("verify: [", `verify:\n      - ${check}\n      - `).replace("}]", "}");
    expect(await loadBook(text)).toMatch(
      /book\.yaml:20:\d+: lanes\[0\]\.verify\[0\]: .*reports no facts\. Use exit_code, artifact/,
    );
  });

  test("need no capability of their own, and take arguments in whole words and parts of one", async () => {
    expect(
      await loadBook(RUNBOOK('["{arg:tool}", "{arg:folder}", "--in={arg:dash}", "{workspace}/x", "HEAD^{commit}"]')),
    ).toBe("loaded");
  });

  test.each([
    ['[ls, "{arg:fodler}"]', 'no argument is called "fodler"'],
    ['[ls, "{arg:lanes}"]', "no word of a command"],
    ['["{arg:folder}", x]', "the program must be written down"],
    ['["x{arg:tool}", x]', "the program must be written down"],
    ['[ls, "{arg folder}"]', "a placeholder {arg:name} or {workspace} was expected"],
    ['[ls, "{args:folder}"]', "a placeholder {arg:name} or {workspace} was expected"],
    ['[ls, "{arg:}"]', "a placeholder {arg:name} or {workspace} was expected"],
    ['[ls, "{arg:dash}"]', "allowLeadingDash"],
  ])("with the placeholder mistake %s are refused with file and line", async (command, message) => {
    const said = await loadBook(RUNBOOK(command));
    expect(said).toContain(message);
    expect(said).toMatch(/book\.yaml:17:\d+: lanes\[0\]\.command/);
  });

  test("look for no other capability beside", async () => {
    expect(await loadBook(RUNBOOK("[ls]", "need: paint a wall"))).toContain("leave the need out");
  });

  test("are not left out in silence: a lane has a need or a command", async () => {
    await put("agents/painter.yaml", AGENT);
    await put("macros/paint.yaml", MACRO.replace("    need: paint a wall\n", ""));
    expect(await load()).toMatch(/paint\.yaml:11:\d+: .*expected a need/s);
  });

  test("a lane that keeps its changes says which, and is the only one", async () => {
    await put("agents/painter.yaml", AGENT);
    await put("macros/paint.yaml", MACRO.replace("    verify:", "    keeps: branch\n    verify:"));
    expect(await load()).toContain("says in `writes` which files");
  });
});
