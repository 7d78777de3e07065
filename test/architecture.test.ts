import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Who may import whom. A folder is matched by the longest prefix; it may import what stands in its row, and itself.
 * `npm` stands for packages; `node` for Node's built-in modules.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  "src/contracts": ["npm:zod"],
  "src/errors.ts": ["src/contracts", "npm:zod"],
  "src/ports.ts": ["src/contracts"],
  "src/i18n.ts": ["src/contracts", "locales", "npm:intl-messageformat"],
  "src/log.ts": ["npm:pino"],
  "src/yaml.ts": ["src/is-record.ts", "src/nearest-word.ts", "npm:yaml", "npm:zod"],
  "src/plain-text.ts": ["src/i18n.ts", "src/contracts", "node:util"],
  "src/markdown.ts": ["src/i18n.ts", "src/contracts", "src/plain-text.ts"],
  "src/versions.ts": ["npm:semver"],
  "src/named-versions.ts": ["npm:zod", "npm:smol-toml"],
  "src/mailbox.ts": [],
  "src/serial.ts": [],
  "src/rounds.ts": [],
  "src/pause.ts": ["src/ports.ts"],
  "src/is-record.ts": [],
  "src/nearest-word.ts": [],
  "src/shell-word.ts": [],
  "src/closed-channels.ts": ["src/contracts", "src/ports.ts", "src/errors.ts", "src/log.ts"],
  "src/surface-watch.ts": ["src/contracts", "src/ports.ts", "src/errors.ts", "src/log.ts", "src/closed-channels.ts"],
  "src/settings.ts": ["src/contracts", "npm:zod"],
  "src/config.ts": [
    "src/contracts",
    "src/errors.ts",
    "src/yaml.ts",
    "src/is-record.ts",
    "src/settings.ts",
    "npm:zod",
    "node:path",
  ],
  "src/commands": [
    "src/contracts",
    "src/ports.ts",
    "src/errors.ts",
    "src/i18n.ts",
    "src/plain-text.ts",
    "src/nearest-word.ts",
  ],
  "src/cards": [
    "src/contracts",
    "src/ports.ts",
    "src/errors.ts",
    "src/i18n.ts",
    "src/commands",
    "src/plain-text.ts",
    "src/markdown.ts",
    "src/shell-word.ts",
  ],
  "src/policy": [
    "src/contracts",
    "src/errors.ts",
    "src/i18n.ts",
    "src/governance",
    "src/plain-text.ts",
    "npm:picomatch",
    "npm:mdast",
    "npm:mdast-util-from-markdown",
    "npm:yaml",
    "node:path",
  ],
  "src/governance": ["src/contracts", "src/ports.ts", "src/errors.ts", "src/i18n.ts", "src/commands"],
  "src/spine": [
    "src/contracts",
    "src/ports.ts",
    "src/errors.ts",
    "src/i18n.ts",
    "src/commands",
    "src/governance",
    "src/policy",
    "src/plain-text.ts",
    "src/markdown.ts",
    "src/versions.ts",
    "npm:tinyld",
    "node:path/posix",
    "npm:zod",
    "node:crypto",
  ],
  "src/metaagent": [
    "src/contracts",
    "src/ports.ts",
    "src/errors.ts",
    "src/i18n.ts",
    "src/log.ts",
    "src/commands",
    "src/cards",
    "src/governance",
    "src/policy",
    "src/spine",
    "src/serial.ts",
    "src/pause.ts",
    "npm:heap-js",
    "npm:p-queue",
    "node:crypto",
    "node:util",
    "node:path",
  ],
};

/** What every adapter may import, beside its own folder, Node and its own packages. */
const ADAPTER_MAY_IMPORT = [
  // Safe ways to write and look at files, which several adapters need; it decides nothing.
  "adapters/files.ts",
  "adapters/folder-walk.ts",
  "src/contracts",
  "src/ports.ts",
  "src/errors.ts",
  "src/i18n.ts",
  "src/log.ts",
  "src/commands",
  "src/cards/fallback.ts",
  "src/cards/alert-card.ts",
  "src/cards/evidence-words.ts",
  "src/cards/changed-values.ts",
  "src/plain-text.ts",
  "src/markdown.ts",
  "src/mailbox.ts",
  "src/serial.ts",
  "src/rounds.ts",
  "src/pause.ts",
  "src/is-record.ts",
  "src/closed-channels.ts",
  "src/surface-watch.ts",
  "src/yaml.ts",
  "src/versions.ts",
  "src/named-versions.ts",
];

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name).replaceAll("\\", "/"));
}

/** What a file imports: paths from the root, `npm:<package>` or `node:<module>`. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const statements = [
    ...text.matchAll(/^(?:import|export)\s[\w\s*{},]*?from\s+"([^"]+)"/gm),
    ...text.matchAll(/^import\s+"([^"]+)"/gm),
    ...text.matchAll(/\bimport\("([^"]+)"\)/g),
  ];
  return statements.map(([, name = ""]) => {
    if (name.startsWith(".")) return relative(ROOT, resolve(ROOT, dirname(file), name)).replaceAll("\\", "/");
    if (name.startsWith("node:")) return name;
    return `npm:${name
      .split("/")
      .slice(0, name.startsWith("@") ? 2 : 1)
      .join("/")}`;
  });
}

const isBelow = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

const src = sourceFiles("src");
const adapters = sourceFiles("adapters");
/** The composition roots import everything. */
const ROOTS = [
  "src/main.ts",
  "src/cli.ts",
  "src/cli",
  "src/bot.ts",
  "src/surfaces.ts",
  "src/previews.ts",
  "src/plugin.ts",
  "src/plugins.ts",
  "src/observe.ts",
  "src/observe-metrics.ts",
  "src/observe-traces.ts",
  "src/uncaught.ts",
];

test("the test sees the files that it judges", () => {
  expect(src.length).toBeGreaterThan(80);
  expect(adapters.length).toBeGreaterThan(30);
  expect(importsOf("src/spine/transition.ts")).toContain("src/contracts/event.ts");
  expect(importsOf("src/log.ts")).toEqual(["npm:pino"]);
});

describe("src thinks", () => {
  test.each(src.filter((file) => !ROOTS.some((root) => isBelow(file, root))))(
    "%s imports only what its folder may",
    (file) => {
      const row = Object.keys(MAY_IMPORT).find((place) => isBelow(file, place));
      expect(row, `${file} stands in no folder of the design`).toBeDefined();
      const allowed = [row ?? "", ...(MAY_IMPORT[row ?? ""] ?? [])];
      expect(importsOf(file).filter((name) => !allowed.some((place) => isBelow(name, place)))).toEqual([]);
    },
  );

  test.each(src.filter((file) => !ROOTS.some((root) => isBelow(file, root))))(
    "%s takes time and chance as arguments",
    (file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      expect(text).not.toMatch(/Date\.now\(|new Date\(\)|Math\.random\(|randomUUID\(/);
    },
  );
});

describe("adapters touch", () => {
  test.each(adapters)("%s imports no other adapter and nothing that decides", (file) => {
    const own = file.split("/").slice(0, 2).join("/");
    const wrong = importsOf(file).filter(
      (name) =>
        !name.startsWith("npm:") &&
        !name.startsWith("node:") &&
        ![own, ...ADAPTER_MAY_IMPORT].some((place) => isBelow(name, place)),
    );
    expect(wrong).toEqual([]);
  });
});

test("nobody imports the composition roots", () => {
  const all = [...src.filter((file) => !ROOTS.some((root) => isBelow(file, root))), ...adapters];
  expect(all.filter((file) => importsOf(file).some((name) => ROOTS.includes(name)))).toEqual([]);
});
