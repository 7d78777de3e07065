import { readFile } from "node:fs/promises";
import semver from "semver";
import type { Evidence, Severity } from "../../src/contracts/finding.ts";
import { lockOf, manifestsIn, type Manifest } from "./ecosystems.ts";
import { placeIn, readContent, withoutCredentials, type TextContent } from "./file-content.ts";
import { withNpm, type Audit, type Outdated } from "./npm-registry.ts";
import * as packageJson from "./package-json.ts";
import { runWorker, words, type Job, type Reporter } from "./protocol.ts";
import { fileCount, trackedFiles } from "./tracked-files.ts";

/** Lane `dependencies`: what the project asks for, whether that is pinned down, and what the registry says. */

/** How many npm projects of one repository are asked about at the registry. */
const REGISTRY_PROJECTS = 5;
const REGISTRY_LIMIT_MS = 60_000;
const LISTED = [{ kind: "command" as const, argv: ["git", "ls-files", "--stage", "-z"], exitCode: 0 }];

interface NpmProject {
  readonly content: TextContent;
  readonly manifest: packageJson.PackageJson;
  readonly lockPath: string;
  readonly lockText: string;
  readonly lock: packageJson.PackageLock | undefined;
  readonly npmrc: string;
}

function reportMissingLock(manifest: Manifest, content: TextContent, report: Reporter): void {
  const { ecosystem, path } = manifest;
  if (ecosystem.locks.length === 0 || !declaresSomething(manifest, content)) return;
  const severity = ecosystem.name === "npm" && manifest.folder === "" ? "medium" : "low";
  const params = { file: path, expected: ecosystem.locks.slice(0, 3).join(", ") };
  const place = placeIn(content, 1);
  report.finding({
    code: "dependencies.lock_missing",
    severity,
    ...place,
    params,
    evidence: [...place.evidence, ...LISTED],
  });
}

function declaresSomething({ ecosystem }: Manifest, { text }: TextContent): boolean {
  if (ecosystem.name !== "npm") return ecosystem.declares.test(text);
  const manifest = packageJson.parseJson(packageJson.PackageJson, text);
  return manifest !== undefined && countOf(manifest) > 0;
}

function countOf(manifest: packageJson.PackageJson): number {
  return packageJson.SECTIONS.reduce((sum, section) => sum + Object.keys(manifest[section]).length, 0);
}

async function checkNpm(
  { path, folder }: Manifest,
  content: TextContent,
  lockPath: string | undefined,
  report: Reporter,
): Promise<{ declared: number; project?: NpmProject }> {
  const manifest = packageJson.parseJson(packageJson.PackageJson, content.text);
  if (manifest === undefined) {
    const place = placeIn(content, 1);
    report.finding({ code: "dependencies.manifest_invalid", severity: "high", ...place, params: { file: path } });
    return { declared: 0 };
  }
  const declared = countOf(manifest);
  const lineOf = packageJson.jsonLines(content.text);
  reportSpecs(manifest, content, lineOf, report);
  if (lockPath === undefined) return { declared };
  if (!/(package-lock|npm-shrinkwrap)\.json$/.test(lockPath)) {
    report.unavailable("dependencies.lock_not_compared", { file: lockPath });
    return { declared };
  }
  const lockText = await readFile(lockPath, "utf8");
  const lock = packageJson.parseJson(packageJson.PackageLock, lockText);
  const lockFolder = lockPath.slice(0, lockPath.lastIndexOf("/") + 1);
  const entry = lock?.packages?.[folder.slice(lockFolder.length).replace(/\/$/, "")];
  if (lock === undefined) {
    const evidence: Evidence[] = [{ kind: "file", path: lockPath }];
    report.finding({
      code: "dependencies.lock_invalid",
      severity: "high",
      file: lockPath,
      params: { file: lockPath },
      evidence,
    });
  } else if (entry !== undefined) {
    reportDifferences(manifest, entry, content, lineOf, lockPath, report);
  } else if (lock.packages === undefined) {
    report.unavailable("dependencies.lock_too_old", { file: lockPath });
  } else if (declared > 0) {
    const params = { file: path, lock: lockPath };
    report.finding({ code: "dependencies.not_in_lock", severity: "medium", ...placeIn(content, 1), params });
  }
  if (lockFolder !== folder || declared === 0) return { declared };
  return { declared, project: { content, manifest, lockPath, lockText, lock, npmrc: `${folder}.npmrc` } };
}

function reportSpecs(
  manifest: packageJson.PackageJson,
  content: TextContent,
  lineOf: (path: readonly string[]) => number,
  report: Reporter,
): void {
  const file = content.path;
  for (const section of packageJson.SECTIONS) {
    for (const [name, spec] of Object.entries(manifest[section])) {
      if (!packageJson.isUnpinned(spec)) continue;
      const params = { file, name, spec: withoutCredentials(spec) };
      const place = placeIn(content, lineOf([section, name]));
      report.finding({ code: "dependencies.unpinned", severity: "medium", ...place, params });
    }
  }
  for (const name of packageJson.misplaced(manifest)) {
    const place = placeIn(content, lineOf(["dependencies", name]));
    report.finding({ code: "dependencies.wrong_place", severity: "low", ...place, params: { file, name } });
  }
  for (const name of Object.keys(manifest.devDependencies).filter((name) =>
    Object.hasOwn(manifest.dependencies, name),
  )) {
    const place = placeIn(content, lineOf(["devDependencies", name]));
    report.finding({ code: "dependencies.listed_twice", severity: "low", ...place, params: { file, name } });
  }
}

function reportDifferences(
  manifest: packageJson.PackageJson,
  entry: Pick<packageJson.PackageJson, packageJson.Section>,
  content: TextContent,
  lineOf: (path: readonly string[]) => number,
  lockPath: string,
  report: Reporter,
): void {
  for (const { section, name, manifest: wanted, lock } of packageJson.differences(manifest, entry)) {
    const line = wanted === undefined ? 1 : lineOf([section, name]);
    const none = words("worker.nothing");
    const params = {
      file: content.path,
      lock: lockPath,
      name,
      wanted: wanted === undefined ? none : withoutCredentials(wanted),
      locked: lock === undefined ? none : withoutCredentials(lock),
    };
    report.finding({ code: "dependencies.lock_out_of_step", severity: "medium", ...placeIn(content, line), params });
  }
}

async function askRegistry(projects: readonly NpmProject[], { brief, report }: Job): Promise<void> {
  if (projects.length === 0) return;
  if (!brief.mayUseNetwork) {
    report.unavailable("dependencies.network_not_allowed");
    return;
  }
  const more = projects.length - REGISTRY_PROJECTS;
  if (more > 0) report.unavailable("dependencies.more_projects", { count: more });
  const limitMs = Math.min(REGISTRY_LIMIT_MS, Math.floor(brief.timeLimitMs / 4));
  for (const [at, project] of projects.slice(0, REGISTRY_PROJECTS).entries()) {
    report.progress(at, Math.min(projects.length, REGISTRY_PROJECTS));
    const files = { manifest: registryManifest(project.manifest), lock: project.lockText, npmrc: project.npmrc };
    const file = project.content.path;
    await withNpm(files, limitMs, async (npm) => {
      const [audit, outdated] = await Promise.all([npm.audit(), npm.outdated()]);
      if (audit.ok) reportAudit(audit.value, [...audit.argv], audit.exitCode, project, report);
      else report.unavailable("dependencies.audit", { file, reason: audit.reason });
      if (outdated.ok) reportOutdated(outdated.value, [...outdated.argv], outdated.exitCode, project, report);
      else report.unavailable("dependencies.outdated", { file, reason: outdated.reason });
    });
  }
}

/** Only what a registry can know: npm would otherwise fetch repositories and look for workspace folders. */
function registryManifest(manifest: packageJson.PackageJson): string {
  const sections = packageJson.SECTIONS.map((section) => [
    section,
    Object.fromEntries(Object.entries(manifest[section]).filter(([, spec]) => !/[:/]/.test(spec))),
  ]);
  return JSON.stringify({ name: "checked", version: "0.0.0", ...Object.fromEntries(sections) });
}

const SEVERITIES = {
  info: "info",
  low: "low",
  moderate: "medium",
  high: "high",
  critical: "critical",
} as const satisfies Record<Audit["vulnerabilities"][string]["severity"], Severity>;

function reportAudit(
  { vulnerabilities }: Audit,
  argv: string[],
  exitCode: number,
  { content, lockPath, lockText }: NpmProject,
  report: Reporter,
): void {
  const entries = Object.entries(vulnerabilities);
  report.fact("vulnerablePackages", entries.length);
  const lock = textOf(lockPath, lockText);
  for (const [name, found] of entries) {
    const problem = found.via.map((via) => (typeof via === "string" ? via : via.title)).join("; ");
    const line = lineOfKey(lock, found.nodes[0] ?? `node_modules/${name}`);
    const evidence: Evidence[] = [
      { kind: "command", argv, exitCode, excerpt: `${name} ${found.range}: ${problem}`.slice(0, 1000) },
    ];
    const place = line === undefined ? undefined : placeIn(lock, line);
    report.finding({
      code: found.fixAvailable === false ? "dependencies.vulnerable" : "dependencies.vulnerable_fixable",
      severity: SEVERITIES[found.severity],
      file: place?.file ?? content.path,
      line: place?.line,
      params: { name, range: found.range, problem },
      evidence: [...evidence, ...(place?.evidence ?? [])],
    });
  }
}

function textOf(path: string, text: string): TextContent {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  return { kind: "text", path, bytes: Buffer.byteLength(text), text, lines, utf8: true };
}

function lineOfKey({ lines }: TextContent, key: string): number | undefined {
  const wanted = `${JSON.stringify(key)}:`;
  const at = lines.findIndex((line) => line.includes(wanted));
  return at === -1 ? undefined : at + 1;
}

function reportOutdated(
  outdated: Outdated,
  argv: string[],
  exitCode: number,
  { content, manifest, lock }: NpmProject,
  report: Reporter,
): void {
  const lineOf = packageJson.jsonLines(content.text);
  let count = 0;
  for (const [name, entry] of Object.entries(outdated)) {
    const section = packageJson.SECTIONS.find((candidate) => Object.hasOwn(manifest[candidate], name));
    const latest = (Array.isArray(entry) ? entry[0] : entry)?.latest;
    // Nothing is installed here, so npm lists every package; the lock file knows what would be installed.
    const current = lock?.packages?.[`node_modules/${name}`]?.version;
    if (section === undefined || latest === undefined || !isOlder(current, latest)) continue;
    count += 1;
    const place = placeIn(content, lineOf([section, name]));
    report.finding({
      code: "dependencies.outdated",
      severity: "info",
      ...place,
      params: { name, current, latest },
      evidence: [{ kind: "command", argv, exitCode }, ...place.evidence],
    });
  }
  report.fact("outdatedPackages", count);
}

/** A project may use a newer release than the one that its authors call the latest. */
function isOlder(current: string | undefined, latest: string): current is string {
  return semver.valid(current) !== null && semver.valid(latest) !== null && semver.lt(current ?? "", latest);
}

await runWorker(async (job) => {
  const { brief, report } = job;
  const files = await trackedFiles(brief);
  const paths = new Set(files.filter((file) => file.kind === "file").map((file) => file.path));
  const { manifests, foreign } = manifestsIn(files);
  report.fact("trackedFiles", fileCount(files));
  report.fact("manifests", manifests.length);
  report.fact("manifestsLeftAside", foreign);
  if (manifests.length === 0) report.unavailable("dependencies.no_manifest");

  const projects: NpmProject[] = [];
  let declared = 0;
  for (const manifest of manifests) {
    const content = await readContent(manifest.path);
    if (content.kind !== "text") {
      report.unavailable("dependencies.manifest_unread", { file: manifest.path });
      continue;
    }
    const lockPath = lockOf(manifest, paths);
    if (lockPath === undefined) reportMissingLock(manifest, content, report);
    if (manifest.ecosystem.name !== "npm") continue;
    const seen = await checkNpm(manifest, content, lockPath, report);
    declared += seen.declared;
    if (seen.project !== undefined) projects.push(seen.project);
  }
  report.fact("dependencies", declared);
  for (const name of new Set(manifests.map((manifest) => manifest.ecosystem.name))) {
    if (name !== "npm") report.unavailable("dependencies.ecosystem_not_covered", { ecosystem: name });
  }
  await askRegistry(projects, job);
  return words("worker.dependencies.done", { manifests: manifests.length, declared });
});
