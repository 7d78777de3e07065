import { WorkerReport, type WorkerResult } from "../../../src/contracts/worker.ts";
import { keyed } from "../../../src/i18n.ts";
import type { Progress } from "../../../src/ports.ts";
import type { Mask } from "./secret-mask.ts";

const FINDINGS_LIMIT = 5000;
/** Size of all findings together, as JSON: they end in the run's document. */
const FINDINGS_CHARACTERS = 8_000_000;
const FACTS_LIMIT = 1000;
const UNAVAILABLE_LIMIT = 1000;
/** Texts nest, so their schema recurses: a line of brackets only would overflow the stack. */
const DEPTH_LIMIT = 40;

/** Gathers what a worker reports, secrets masked. */
export interface ReportCollector {
  /** Takes the reports out of lines that arrived together; returns the lines that are log. */
  take(lines: readonly string[]): Promise<string[]>;
  reject(): void;
  result(): Pick<WorkerResult, "done" | "summary" | "facts" | "findings" | "unavailable" | "usage" | "rejectedReports">;
}

export function createReportCollector(mask: Mask, onProgress: (progress: Progress) => void): ReportCollector {
  const findings: WorkerResult["findings"] = [];
  const facts = new Map<string, string | number | boolean>();
  const unavailable: WorkerResult["unavailable"] = [];
  let usage: WorkerResult["usage"];
  let findingsSize = 0;
  let findingsCut = 0;
  let rejectedReports = 0;
  let done: Extract<WorkerReport, { type: "done" }> | undefined;

  const addFinding = (report: Extract<WorkerReport, { type: "finding" }>, size: number): void => {
    findingsSize += size;
    if (findings.length < FINDINGS_LIMIT && findingsSize <= FINDINGS_CHARACTERS) findings.push(findingOf(report));
    else findingsCut += 1;
  };
  const add = (report: WorkerReport, size: number): void => {
    switch (report.type) {
      case "progress":
        return onProgress({ done: report.done, total: report.total ?? null, text: report.text ?? null });
      case "finding":
        return addFinding(report, size);
      case "unavailable":
        if (unavailable.length < UNAVAILABLE_LIMIT) unavailable.push({ code: report.code, text: report.text });
        else rejectedReports += 1;
        return;
      case "fact":
        if (facts.has(report.name) || facts.size < FACTS_LIMIT) facts.set(report.name, report.value);
        else rejectedReports += 1;
        return;
      case "usage":
        usage = {
          inputTokens: (usage?.inputTokens ?? 0) + report.inputTokens,
          outputTokens: (usage?.outputTokens ?? 0) + report.outputTokens,
        };
        return;
      case "heartbeat":
        return;
      case "done":
        done = report;
    }
  };
  return {
    reject: () => {
      rejectedReports += 1;
    },
    take: async (lines) => {
      const claims = lines.map(claimOf);
      const masked = await maskAll(claims, mask);
      return lines.filter((line, index) => {
        if (claims[index] === undefined) return true;
        const report = WorkerReport.safeParse(masked[index]);
        if (report.success) add(report.data, line.length);
        else rejectedReports += 1;
        return !report.success;
      });
    },
    result: () => ({
      done: done !== undefined,
      ...(done === undefined ? {} : { summary: done.summary }),
      facts: Object.fromEntries(facts),
      ...(usage === undefined ? {} : { usage }),
      findings,
      unavailable:
        findingsCut === 0
          ? unavailable
          : [
              ...unavailable,
              {
                code: "runtime.findings_cut",
                text: keyed("runtime.findings_cut", { kept: findings.length, cut: findingsCut }),
              },
            ],
      rejectedReports,
    }),
  };
}

function findingOf({
  type: _type,
  ...finding
}: Extract<WorkerReport, { type: "finding" }>): WorkerResult["findings"][number] {
  return finding;
}

/** A line that is a JSON object with a `type` claims to be a report. */
function claimOf(line: string): object | undefined {
  if (!line.trimStart().startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
    return isDeeperThan(DEPTH_LIMIT, value) ? { type: "nested too deep" } : value;
  } catch {
    return undefined;
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(levels - 1, part));
}

/**
 * Masks every string of the claims. They are looked at together first, since nearly always there is no secret
 * in any of them and one look costs as much as a thousand lines. Strings, not the line: JSON escapes hide secrets.
 */
async function maskAll(claims: readonly (object | undefined)[], mask: Mask): Promise<unknown[]> {
  const together = claims.flatMap((claim) => (claim === undefined ? [] : stringsOf(claim))).join("\n");
  if ((await mask(together)) === together) return [...claims];
  return Promise.all(claims.map(async (claim) => (claim === undefined ? undefined : maskStrings(claim, mask))));
}

function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [name, ...stringsOf(part)]);
}

async function maskStrings(value: unknown, mask: Mask): Promise<unknown> {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return Promise.all(value.map((part) => maskStrings(part, mask)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(async ([name, part]) => [await mask(name), await maskStrings(part, mask)]);
  return Object.fromEntries(await Promise.all(entries)) as unknown;
}
