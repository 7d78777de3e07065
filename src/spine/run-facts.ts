import type { WorkspaceEvidence } from "../contracts/evidence.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { Macro } from "../contracts/macro.ts";
import type { ContentEvidencePacket } from "../contracts/packets/fetch.ts";
import type { TaskClassification } from "../contracts/packets/critical.ts";
import type { Policy } from "../contracts/policy.ts";
import type { Run } from "../contracts/run.ts";
import { GateError } from "../errors.ts";
import { validateArguments } from "./arguments.ts";
import { choosePracticalLanes, type OmittedLane, type PracticalLane } from "./practical-lanes.ts";
import { researchNeed } from "./research.ts";
import type { StepInput } from "./step.ts";

/** What Thinking knows of a run: everything that options, texts and the plan are made of. */
export interface RunFacts {
  readonly goal: string;
  readonly macro: Macro;
  readonly classification: TaskClassification;
  readonly packet: ContentEvidencePacket;
  readonly evidence: WorkspaceEvidence;
  readonly lanes: readonly PracticalLane[];
  readonly omitted: readonly OmittedLane[];
  readonly args: Readonly<Record<string, ArgumentValue>>;
  /** Only what the request itself set. */
  readonly givenArgs: Readonly<Record<string, ArgumentValue>>;
  /** All rules that hold for this workspace (M6). */
  readonly policy: Policy;
  readonly readOnly: boolean;
  readonly offline: boolean;
}

/** The classified macro of a run; throws `gate.macro_missing` where it is not loaded (any more). */
export function macroOf(run: Run, macros: readonly Macro[]): Macro {
  const id = run.packets.taskClassification?.macroId;
  const macro = macros.find((candidate) => candidate.id === id);
  if (macro !== undefined) return macro;
  throw new GateError(
    "gate.macro_missing",
    `Expected the procedure "${id ?? "none"}" that Critical chose; loaded are: ${macros.map((known) => known.id).join(", ") || "none"}. Put its file back into a macro folder, then retry.`,
  );
}

type FactsInput = Pick<StepInput, "run" | "catalog" | "costs" | "policyFor">;

/** Gathers the facts from the packets of Critical and Fetch; throws a GateError where they are missing. */
export function factsOf({ run, catalog, costs, policyFor }: FactsInput): RunFacts {
  const { taskClassification, contentEvidencePacket } = run.packets;
  if (taskClassification === undefined || contentEvidencePacket === undefined) {
    throw new GateError("gate.content_evidence", "Thinking needs the packets of Critical and Fetch; they are missing.");
  }
  const macro = macroOf(run, catalog.macros);
  const evidence = contentEvidencePacket.workspace;
  const readOnly = taskClassification.readOnlyRequested;
  const { offline } = researchNeed(run.task.goal, macro);
  const searches = contentEvidencePacket.capabilitySearches;
  const { lanes, omitted } = choosePracticalLanes(macro, { evidence, searches, costs, offline, readOnly });
  requireLanes(lanes, omitted);
  return {
    goal: run.task.goal,
    macro,
    classification: taskClassification,
    packet: contentEvidencePacket,
    evidence,
    lanes,
    omitted,
    args: argumentsOf(run, macro, lanes),
    givenArgs: givenArguments(run, macro),
    policy: policyFor(evidence.ruleFiles),
    readOnly,
    offline,
  };
}

/** Nothing can be planned without work, or without the parts that the macro calls indispensable (G26). */
function requireLanes(lanes: readonly PracticalLane[], omitted: readonly OmittedLane[]): void {
  const missing = omitted
    .filter((entry) => entry.gap && entry.lane.required)
    .map(({ lane }) => `${lane.id} (needs "${lane.need}")`);
  if (missing.length > 0) {
    throw new GateError(
      "gate.capability_gap",
      `Nobody can do what this procedure cannot go without: ${missing.join(", ")}. Add an agent with that capability to config/agents, then retry.`,
    );
  }
  if (lanes.length === 0) {
    const left = omitted.map((entry) => entry.lane.id).join(", ");
    throw new GateError("gate.evidence_insufficient", `No part of the work is practical here (left out: ${left}).`);
  }
}

/** Only what the request itself set, as values of the types that the macro gives them. */
function givenArguments(run: Run, macro: Macro): Record<string, ArgumentValue> {
  const given = { ...run.task.args, ...run.task.presetArgs, ...run.redriveArgs };
  const verdict = validateArguments(macro, given);
  return verdict.ok ? Object.fromEntries(Object.entries(verdict.args).filter(([id]) => id in given)) : given;
}

/** The macro's arguments as the request set them; a selection of lanes holds only lanes that are practical. */
function argumentsOf(run: Run, macro: Macro, lanes: readonly PracticalLane[]): Record<string, ArgumentValue> {
  const verdict = validateArguments(macro, { ...run.task.args, ...run.task.presetArgs, ...run.redriveArgs });
  if (!verdict.ok) throw new GateError("gate.arguments", "The arguments of the task do not fit its procedure.");
  const practical = lanes.map(({ lane }) => lane.id);
  return Object.fromEntries(
    Object.entries(verdict.args).map(([id, value]) => {
      if (macro.args[id]?.type !== "lanes" || !Array.isArray(value)) return [id, value];
      const kept = value.filter((lane) => practical.includes(lane));
      return [id, kept.length > 0 ? kept : practical];
    }),
  );
}

/** Name of the macro's argument that holds a person's own selection of lanes. */
export function laneArgument(macro: Pick<Macro, "args">): string | undefined {
  return Object.entries(macro.args).find(([, definition]) => definition.type === "lanes")?.[0];
}
