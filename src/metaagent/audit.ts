import { createHash } from "node:crypto";
import { AuditEntry, type AuditFault, type AuditHead, type AuditVerdict } from "../contracts/audit.ts";
import type { Command } from "../contracts/command.ts";
import type { RunEvent } from "../contracts/event.ts";
import type { Run } from "../contracts/run.ts";
import type { MetaTask } from "../contracts/task.ts";

/** An entry before it has its place in the chain. */
export type AuditNote = Omit<AuditEntry, "number" | "previous" | "hash">;

const OPEN_ENTRY = AuditEntry.omit({ hash: true });
const NOTHING_BEFORE = "0".repeat(64);

/** The head after one more entry; the engine takes out of its tail what the trail's file has safely. */
export function chained(head: AuditHead | undefined, note: AuditNote): AuditHead {
  const number = (head?.number ?? 0) + 1;
  // Through the schema, so that it is written with its fields in the order in which it will be read.
  const open = OPEN_ENTRY.parse({ number, ...note, previous: head?.hash ?? NOTHING_BEFORE });
  const hash = hashOf(open);
  return { number, hash, tail: [...(head?.tail ?? []), { ...open, hash }] };
}

function hashOf(open: object): string {
  return createHash("sha256").update(JSON.stringify(open)).digest("hex");
}

/** What operators did to the queue, or somebody tried in vain where there is no run: in the operations' own trail. */
export function operationsNote(
  { id, by, kind, ...command }: Command,
  at: number,
  refusal: string | undefined,
): AuditNote {
  if (refusal === undefined) return { at, id, what: kind, by, detail: JSON.parse(JSON.stringify(command)) };
  const about = "task" in command ? taskIn(command.task) : command;
  const detail: AuditNote["detail"] = JSON.parse(JSON.stringify({ command: kind, code: refusal, ...about }));
  return { at, id, what: "command.refused", by, detail };
}

function taskIn({ goal, macro, workspace }: MetaTask): Record<string, unknown> {
  return { goal, macro, workspace };
}

/** What the trail keeps of an event: enough to see who decided and what came of it, and no output of workers. */
export function noteOf(before: Run | undefined, run: Run, event: RunEvent): AuditNote {
  const subject = "dispatchId" in event ? event.dispatchId : "decisionId" in event ? event.decisionId : undefined;
  const by = "by" in event ? event.by : event.kind === "run.started" ? event.task.requestedBy : undefined;
  return {
    at: event.at,
    id: event.id,
    what: event.kind,
    ...(by === undefined ? {} : { by }),
    ...(subject === undefined ? {} : { subject }),
    version: run.version,
    detail: JSON.parse(JSON.stringify(detailOf(before, event))),
  };
}

function detailOf(before: Run | undefined, event: RunEvent): Record<string, unknown> {
  if (event.kind === "run.started") {
    const { goal, macro, workspace, priority, answers } = event.task;
    return { goal, macro, workspace, priority, answers, tenant: event.tenant };
  }
  if (event.kind === "decision.answered") return answered(before, event);
  if (event.kind === "thinking.planned") return { plan: planIn(event) };
  if (event.kind === "dispatch.started") {
    const work = before?.dispatches.find(({ dispatchId }) => dispatchId === event.dispatchId)?.work;
    return { agent: event.agent, attempt: event.attempt, work, judgedBy: event.judgedBy, policy: event.policy };
  }
  if (event.kind === "lane.succeeded" || event.kind === "check.completed") {
    const { exitCode, durationMs, findings, artifacts, change } = event.result;
    const commit = change?.commit;
    const outcome = event.kind === "check.completed" ? event.outcome : undefined;
    return { exitCode, durationMs, findings: findings.length, artifacts, commit, outcome };
  }
  if (event.kind === "dispatch.failed") {
    const { failure, retryAt, result } = event;
    return { code: failure.code, retryAt, exitCode: result?.exitCode };
  }
  if (event.kind === "dispatch.interrupted") return { repeatable: event.repeatable, code: event.failure?.code };
  if (event.kind === "verification.completed") {
    return { policy: event.policy, verdict: event.packets.verificationPacket?.verdict?.kind };
  }
  if (event.kind === "dispatch.blocked") return { policy: event.policy };
  if (event.kind === "dead_letter.retried") return { args: event.args, macroOnRedrive: event.macro };
  if (event.kind === "dead_letter.discarded") return { reason: event.reason };
  if (event.kind === "language.changed") return { language: event.language.language };
  if (event.kind === "change.kept") return { branch: event.branch, commit: event.commit };
  if (event.kind === "change.not_kept") return { code: event.failure.code };
  if (event.kind === "critical.completed") return { path: event.path };
  return {};
}

/** What was proposed on which version of the card, and what was approved; the plan of it follows with its own event. */
function answered(
  before: Run | undefined,
  event: Extract<RunEvent, { kind: "decision.answered" }>,
): Record<string, unknown> {
  const decision = before?.decisions.find(({ decisionId }) => decisionId === event.decisionId);
  const recommended = decision?.questions.flatMap(({ id, options }) => {
    const option = options.find((known) => known.recommended);
    return option === undefined ? [] : [[id, option.id] as const];
  });
  return {
    about: decision?.kind,
    cardVersion: before?.version,
    proposed: {
      answers: Object.fromEntries(recommended ?? []),
      args: Object.fromEntries(Object.entries(decision?.args ?? {}).map(([id, { value }]) => [id, value])),
    },
    approved: { answers: event.answers, args: event.args },
  };
}

function planIn(event: Extract<RunEvent, { kind: "thinking.planned" }>): object[] {
  return (event.packets.workerTaskPackets ?? []).map(({ laneId, ownerAgent, command, timeLimitMs, dependsOn }) => ({
    laneId,
    ownerAgent,
    command,
    timeLimitMs,
    dependsOn,
  }));
}

/** Follows the chain from the first entry to the one that the document knows as the last. */
export function verifyTrail(lines: readonly string[], head: AuditHead | undefined): AuditVerdict {
  const read = lines.map(parseLine);
  const numbers = read.map((entry) => entry?.number);
  const entries: AuditEntry[] = [];
  let previous = NOTHING_BEFORE;
  const faulty = (kind: AuditFault["kind"], number: number): AuditVerdict => ({
    entries,
    fault: { kind, number },
    mendable: 0,
  });
  for (const [at, entry] of read.entries()) {
    const expected = at + 1;
    if (entry === undefined) return faulty("changed", expected);
    if (entry.number !== expected) return faulty(numbers.includes(expected) ? "reordered" : "removed", expected);
    if (expected > (head?.number ?? 0)) return faulty("added", expected);
    if (!follows(entry, previous)) return faulty("changed", expected);
    entries.push(entry);
    previous = entry.hash;
  }
  const missing = (head?.tail ?? []).filter(({ number }) => number > entries.length);
  const whole = [...entries, ...missing];
  if (whole.length < (head?.number ?? 0)) return faulty("cut", entries.length + 1);
  if (head !== undefined && whole.at(-1)?.hash !== head.hash) return faulty("changed", head.number);
  if (missing[0] !== undefined && missing[0].previous !== previous) return faulty("changed", entries.length);
  const broken = missing.find((entry, at) => !follows(entry, at === 0 ? previous : missing[at - 1]?.hash));
  if (broken !== undefined) return faulty("changed", broken.number);
  return { entries: whole, fault: undefined, mendable: missing.length };
}

function follows({ hash, ...open }: AuditEntry, previous: string | undefined): boolean {
  return open.previous === previous && hashOf(open) === hash;
}

function parseLine(line: string): AuditEntry | undefined {
  try {
    const raw: unknown = JSON.parse(line);
    const parsed = AuditEntry.safeParse(raw);
    // Fields that the schema does not know would be outside of the hash.
    return parsed.success && JSON.stringify(parsed.data) === JSON.stringify(raw) ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
