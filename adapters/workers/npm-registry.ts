import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { raw, type Text } from "../../src/contracts/text.ts";
import { readContent, withoutCredentials } from "./file-content.ts";
import { parseJson } from "./package-json.ts";
import { words } from "./protocol.ts";

/** What npm said, or why it could not. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly argv: readonly string[]; readonly exitCode: number }
  | { readonly ok: false; readonly reason: Text };

const NpmSeverity = z.enum(["info", "low", "moderate", "high", "critical"]);
const Audit = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({
      severity: NpmSeverity,
      range: z.string(),
      via: z.array(z.union([z.string(), z.object({ title: z.string() })])),
      nodes: z.array(z.string()).default([]),
      fixAvailable: z.union([z.boolean(), z.object({})]),
    }),
  ),
});
export type Audit = z.infer<typeof Audit>;

const OutdatedEntry = z.object({ wanted: z.string(), latest: z.string() });
/** A package of a workspace that stands in several places comes as a list. */
const Outdated = z.record(z.string(), z.union([OutdatedEntry, z.array(OutdatedEntry)]));
export type Outdated = z.infer<typeof Outdated>;

const Trouble = z.object({
  message: z.string().optional(),
  error: z
    .object({ code: z.string().nullish(), summary: z.string().optional(), detail: z.string().optional() })
    .optional(),
});

export interface NpmFiles {
  readonly manifest: string;
  readonly lock: string;
  /** Path of the `.npmrc` beside them, which may not exist. */
  readonly npmrc: string;
}

/** Asks the registry about one package. Removes what it wrote when `use` ends. */
export async function withNpm<T>(
  files: NpmFiles,
  timeLimitMs: number,
  use: (npm: { audit: () => Promise<Answer<Audit>>; outdated: () => Promise<Answer<Outdated>> }) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-npm-"));
  try {
    await writeFile(join(folder, "package.json"), files.manifest);
    await writeFile(join(folder, "package-lock.json"), files.lock);
    // In the repository itself its `.npmrc` would be obeyed, and that can name programs to run (`git=…`).
    await writeFile(join(folder, ".npmrc"), await registryLines(files.npmrc));
    const ask = async <A>(schema: z.ZodType<A>, argv: string[]) => npm(schema, argv, folder, timeLimitMs);
    return await use({
      audit: () => ask(Audit, ["audit", "--json", "--package-lock-only"]),
      outdated: () => ask(Outdated, ["outdated", "--json"]),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function registryLines(path: string): Promise<string> {
  const content = await readContent(path);
  if (content.kind !== "text") return "";
  return content.lines.filter((line) => /^\s*(@[\w.-]+:)?registry\s*=\s*https?:\/\//.test(line)).join("\n");
}

async function npm<A>(schema: z.ZodType<A>, argv: string[], cwd: string, timeLimitMs: number): Promise<Answer<A>> {
  const { stdout, stderr, exitCode, timedOut } = await execa("npm", [...argv, "--ignore-scripts"], {
    cwd,
    reject: false,
    stdin: "ignore",
    timeout: timeLimitMs,
    env: {
      npm_config_cache: join(cwd, "cache"),
      npm_config_update_notifier: "false",
      npm_config_fund: "false",
      npm_config_fetch_retries: "1",
      npm_config_fetch_retry_mintimeout: "1000",
      npm_config_fetch_timeout: String(Math.max(1000, Math.floor(timeLimitMs / 3))),
    },
  });
  if (timedOut)
    return { ok: false, reason: words("worker.reason.no_answer", { seconds: Math.round(timeLimitMs / 1000) }) };
  if (exitCode === undefined) return { ok: false, reason: words("worker.reason.not_found") };
  const trouble = parseJson(Trouble, stdout);
  const value = parseJson(schema, stdout === "" ? "{}" : stdout);
  // npm ends with 1 both when it found something and when it failed: only what it wrote tells.
  const failed = trouble?.error !== undefined || (exitCode !== 0 && stdout.trim() === "");
  if (value !== undefined && !failed) return { ok: true, value, argv: ["npm", ...argv], exitCode };
  return { ok: false, reason: shortened(reasonOf(trouble) || stderr) };
}

function reasonOf(trouble: z.infer<typeof Trouble> | undefined): string {
  const { code, summary } = trouble?.error ?? {};
  return [code, summary === undefined || summary === "" ? trouble?.message : summary].filter(Boolean).join(": ");
}

/** npm's own words, on one line. */
function shortened(text: string): Text {
  const plain = withoutCredentials(text.replaceAll(/\s+/g, " ").trim());
  return plain === "" ? words("worker.reason.unknown") : raw(plain.slice(0, 300));
}
