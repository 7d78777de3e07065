import { findTextOf } from "../commands/find-text.ts";
import type { TextSearch } from "../contracts/evidence.ts";
import type { Finding } from "../contracts/finding.ts";
import type { Macro } from "../contracts/macro.ts";
import type { VerificationPacket } from "../contracts/packets/closing.ts";
import type { ContentEvidencePacket } from "../contracts/packets/fetch.ts";
import type { Run } from "../contracts/run.ts";
import type { MetaTask } from "../contracts/task.ts";
import { counted, raw } from "../contracts/text.ts";
import { isBacked } from "../governance/prism.ts";

/**
 * Queries about a workspace (G8, G12, G14): real runs on the fast path that a person is never asked about, answered
 * by Fetch itself, by reading. Questions about runs ("what is running?") are no runs: `commands/converse` answers them.
 */
export type QueryMacro = Macro & { readonly query: NonNullable<Macro["query"]> };

export function isQuery(macro: Macro | undefined): macro is QueryMacro {
  return macro?.query !== undefined;
}

/** The query that a whole sentence asks; undefined where it asks for anything else, or no such query is set up. */
export function queryIn(goal: string, macros: readonly Macro[]): QueryMacro | undefined {
  return findTextOf(goal) === undefined ? undefined : macros.find(isQuery);
}

/** What is to be looked up: the argument where one was given, else what the sentence says. */
export function soughtText(task: Pick<MetaTask, "goal" | "args" | "presetArgs">): string | undefined {
  const given = task.presetArgs?.["text"] ?? task.args["text"];
  return typeof given === "string" && given !== "" ? given : findTextOf(task.goal);
}

/** What Fetch has to search for in a run; undefined where it is no query. */
export function searchOf(run: Run, macros: readonly Macro[]): string | undefined {
  const macro = macros.find((candidate) => candidate.id === run.packets.taskClassification?.macroId);
  return run.queryBypass && isQuery(macro)
    ? soughtText({ ...run.task, presetArgs: { ...run.task.presetArgs, ...run.redriveArgs } })
    : undefined;
}

/** The places as findings, each with file, line, the hash of the line, and the command that found it. */
export function answerOf(macro: QueryMacro, found: TextSearch): NonNullable<ContentEvidencePacket["answer"]> {
  const { matches, ...search } = found;
  const command = found.command === null ? [] : [{ kind: "command" as const, ...found.command }];
  const findings = matches.map(({ path, line, sha256, excerpt }): Finding => ({
    id: `${macro.id}/${path}:${line}`,
    laneId: macro.id,
    code: `${macro.id}.match`,
    severity: "info",
    file: path,
    line,
    text: raw(excerpt),
    evidence: [{ kind: "file", path, line, sha256 }, ...command],
  }));
  return { search, findings };
}

/** What must hold before an answer is called complete; nothing else is claimed of a query. */
export function answerConditions(run: Run): VerificationPacket["publication"] {
  const answer = run.packets.contentEvidencePacket?.answer;
  if (answer === undefined) return [{ condition: "answer", holds: false, detail: "Fetch left no answer" }];
  const unbacked = answer.findings.filter((finding) => !isBacked(finding.evidence)).length;
  return [
    { condition: "answer", holds: true, detail: `${counted(answer.search.total, "line")} found` },
    { condition: "evidence", holds: unbacked === 0, detail: `${unbacked} places have no evidence` },
  ];
}
