import type { WorkspaceChange } from "../contracts/change.ts";
import type { WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import { isViolation, type PolicyRule, type PolicyVerdict, type PolicyWaiver } from "../contracts/policy.ts";
import type { Run } from "../contracts/run.ts";
import { ArgumentValue } from "../contracts/macro-argument.ts";
import { latestOutcomes } from "../contracts/verify-step.ts";
import type { PolicyFor } from "../policy/compile.ts";
import { judgeChange, judgeWork, refOf } from "../policy/judge.ts";
import { matchesAny } from "../policy/path-globs.ts";

/** Which rules hold for a run: the bot's own as they are now, the workspace's as Fetch saw them. */
export function rulesFor(run: Run, policyFor: PolicyFor): readonly PolicyRule[] {
  return policyFor(run.packets.contentEvidencePacket?.workspace.ruleFiles ?? []).rules;
}

/**
 * Judges a lane before it is dispatched, together with the commands of its checks: a check that may not run proves
 * nothing, and is better known of before the work than after it. `rules`: see `rulesFor`; `program`: how its worker is started.
 */
export function judgeLane(
  run: Run,
  packet: WorkerTaskPacket,
  rules: readonly PolicyRule[],
  program: readonly string[],
  at: number,
): PolicyVerdict[] {
  const checks = packet.verifySteps.flatMap((step) => (step.kind === "command" ? [step.argv] : []));
  const verdicts = judgeWork(rules, {
    macroId: run.packets.runHeader?.macroId ?? "",
    tenant: run.tenant,
    root: run.packets.contentEvidencePacket?.workspace.root ?? run.task.workspace,
    writes: packet.writes,
    commands: [
      ...(packet.command === undefined ? [] : [packet.command]),
      ...(packet.repositoryCommands ?? []),
      ...checks,
    ],
    program,
    args: Object.fromEntries(
      Object.entries(packet.args).flatMap(([name, value]) => {
        const parsed = ArgumentValue.safeParse(value);
        return parsed.success ? [[name, parsed.data] as const] : [];
      }),
    ),
    usedMs: workerTime(run, at),
    expectedMs: packet.expectedMs,
  });
  return withWaivers(verdicts, run, packet.laneId, undefined);
}

/** Judges what a lane changed, before anything of it leaves the copy. */
export function judgeLaneChange(
  run: Run,
  packet: WorkerTaskPacket,
  policyFor: PolicyFor,
  change: Pick<WorkspaceChange, "commit" | "files">,
): PolicyVerdict[] {
  const verdicts = judgeChange(rulesFor(run, policyFor), {
    macroId: run.packets.runHeader?.macroId ?? "",
    tenant: run.tenant,
    paths: change.files.map(({ path }) => path),
    ran: commandsThatPassed(run, packet),
  });
  return withWaivers(verdicts, run, packet.laneId, change.commit);
}

/** The same for the change that the run would offer after Verification; empty where there is none. */
export function judgeOffer(run: Run, policyFor: PolicyFor): PolicyVerdict[] {
  return (run.packets.workerTaskPackets ?? []).flatMap((packet) => {
    const lane = run.lanes[packet.laneId];
    const change = lane?.status === "succeeded" ? lane.result.change : undefined;
    return packet.keeps === undefined || change === undefined ? [] : judgeLaneChange(run, packet, policyFor, change);
  });
}

/** The rule that forbids a new report in the workspace itself; undefined where none does. */
export function reportForbidden(
  rules: readonly PolicyRule[],
  { macroId, tenant, name }: { macroId: string; tenant: string; name: string },
): PolicyVerdict | undefined {
  return judgeChange(rules, { macroId, tenant, paths: [name], ran: [] }).find(({ outcome }) => outcome === "denied");
}

/** The same for a run that is about to write it. */
export function reportForbiddenIn(run: Run, policyFor: PolicyFor, name: string): PolicyVerdict | undefined {
  return reportForbidden(rulesFor(run, policyFor), {
    macroId: run.packets.runHeader?.macroId ?? "",
    tenant: run.tenant,
    name,
  });
}

/**
 * What a run's workers have taken so far, also those of attempts that failed. One that works now counts with what is
 * expected of it: else all that begin side by side would each be let through as if it were alone.
 */
function workerTime(run: Run, at: number): number {
  return run.dispatches.reduce((sum, dispatch) => {
    const { work } = dispatch;
    if (work.kind === "stage" || !("startedAt" in dispatch)) return sum;
    if ("endedAt" in dispatch) return sum + Math.max(0, dispatch.endedAt - dispatch.startedAt);
    const packet = run.packets.workerTaskPackets?.find(({ laneId }) => laneId === work.laneId);
    const expectedMs = work.kind === "lane" ? (packet?.expectedMs ?? 0) : 0;
    return sum + Math.max(expectedMs, at - dispatch.startedAt);
  }, 0);
}

/** Evidence only: the lane's own command, and its checks that passed last, all in the copy that holds the change. */
function commandsThatPassed(run: Run, packet: WorkerTaskPacket): string[][] {
  const passed = new Set(
    latestOutcomes(run).flatMap(({ laneId, stepId, passed: good }) =>
      laneId === packet.laneId && good ? [stepId] : [],
    ),
  );
  const checks = packet.verifySteps.flatMap((step) =>
    step.kind === "command" && passed.has(step.id) ? [step.argv] : [],
  );
  const lane = run.lanes[packet.laneId];
  const own = lane?.status === "succeeded" && lane.result.exitCode === 0 ? packet.command : undefined;
  return own === undefined ? checks : [own, ...checks];
}

/** `commit`: what is judged is a change. A declared glob that was waived covers what was written there, by that rule. */
function withWaivers(verdicts: PolicyVerdict[], run: Run, laneId: string, commit: string | undefined): PolicyVerdict[] {
  const revision = run.lanes[laneId]?.revision ?? 0;
  const waivers = run.waivers.filter((waiver) => waiver.laneId === laneId && waiver.revision === revision);
  const covers = (waiver: PolicyWaiver, { rule, subject, kind }: PolicyVerdict): boolean => {
    if (JSON.stringify(refOf(waiver.rule)) !== JSON.stringify(refOf(rule))) return false;
    if (waiver.commit !== undefined) return waiver.commit === commit && waiver.subject === subject;
    if (commit !== undefined && kind === "deny_paths") return matchesAny(subject, [waiver.subject]);
    return waiver.subject === subject;
  };
  return verdicts.map((verdict) =>
    isViolation(verdict) && waivers.some((waiver) => covers(waiver, verdict))
      ? { ...verdict, outcome: "waived" }
      : verdict,
  );
}
