import type { Macro } from "../../contracts/macro.ts";
import type { CapabilitySearch, ContentEvidencePacket, FetchRecord } from "../../contracts/packets/fetch.ts";
import type { WorkspaceEvidence } from "../../contracts/evidence.ts";
import { raw, type Text } from "../../contracts/text.ts";
import { matchCapabilities } from "../../governance/artisan.ts";
import { fetchNeeds } from "../../governance/conductor.ts";
import { consult, openSession, type ConsultSession } from "../../governance/consult.ts";
import { boundaryNotes, ownerFitMatters } from "../../governance/genesis.ts";
import { latelyFailed, memoryLines, ownerKey, samplesOf } from "../../governance/librarian.ts";
import { judgeEvidence } from "../../governance/prism.ts";
import { gatherClaims, searchCapabilities, type CapabilityLayer } from "../../governance/scout.ts";
import { arbitrateEvidence } from "../../governance/warden.ts";
import { keyed } from "../../i18n.ts";
import { isMirrorLayer, readMirrors } from "../capability-mirrors.ts";
import { sourcesOf } from "../evidence-sources.ts";
import { choosePracticalLanes, type OmittedLane } from "../practical-lanes.ts";
import { localized } from "../refusals.ts";
import { researchNeed, unmetResearch, type ResearchNeed } from "../research.ts";
import { macroOf } from "../run-facts.ts";
import type { FetchInput, StepResult } from "../step.ts";

/** Fetch: what is there, who can do the work, and what has to come from outside (G16, G22, G28)? */
export function fetchStep(input: FetchInput): StepResult<"fetch.completed"> {
  const { run, catalog, costs } = input;
  const session = openSession("fetch", input.at);
  const macro = macroOf(run, catalog.macros);
  const mirrors = readMirrors(input.evidence.capabilityMirrors);
  const evidence = { ...input.evidence, gaps: [...input.evidence.gaps, ...mirrors.gaps] };
  const searches = searchOwners(input, macro, mirrors.layers, session);
  const memory = consult(session, "meta-librarian", "recall earlier runs", () => [
    ...memoryLines(macro.id, macro.lanes, costs, input.scars),
  ]);
  const boundaries = ownerFitMatters(searches)
    ? consult(session, "meta-genesis", "check whether the owners fit", () => boundaryNotes(searches))
    : [];

  const need = researchNeed(run.task.goal, macro);
  const record = recordOf(searches, need);
  const readOnly = run.packets.taskClassification?.readOnlyRequested ?? false;
  const choice = choosePracticalLanes(macro, { evidence, searches, costs, offline: need.offline, readOnly });
  const sufficiency = consult(
    session,
    "meta-prism",
    "judge whether the evidence is enough",
    () =>
      judgeEvidence(
        evidence,
        searches,
        choice.lanes.map(({ lane }) => lane.id),
      ),
    (verdict) => !verdict.enough,
  );
  const verdict = consult(
    session,
    "meta-warden",
    "arbitrate the evidence",
    () => arbitrateEvidence(sufficiency, record),
    ({ passed }) => !passed,
  );
  const contentEvidencePacket: ContentEvidencePacket = {
    workspace: evidence,
    sources: sourcesOf(evidence, searches),
    capabilitySearches: searches,
    researchCapabilityDiscovery: discoveryOf(need),
    researchSkipReason: record.researchRequired ? null : skipReason(need),
    sufficiency: verdict.passed ? sufficiency : { enough: false, reason: verdict.reasons.join("; ") },
    memory: [...memory, ...boundaries],
  };
  return {
    kind: "fetch.completed",
    invocations: session.invocations,
    packets: { fetchRecord: record, contentEvidencePacket },
    ...(sufficiency.enough ? {} : { refusal: nothingToDo(evidence, choice.omitted) }),
  };
}

/** Why there is nothing to do, and what would change that. */
function nothingToDo({ trackedFiles, root }: WorkspaceEvidence, omitted: readonly OmittedLane[]): Text {
  if (trackedFiles === 0) return keyed("refusal.no_files", { folder: raw(root) });
  const needs = omitted
    .filter(({ gap }) => gap)
    .map(({ lane }) => keyed("refusal.needed_by", { need: raw(lane.need), lane: localized(lane.title) }));
  return needs.length === 0
    ? keyed("refusal.no_practical_part", { folder: raw(root) })
    : keyed("refusal.nobody_offers", { needs, count: needs.length });
}

/** The three steps of G22 for every lane: keywords, search through all layers, score and choice. */
function searchOwners(
  { catalog, costs, owners, at }: FetchInput,
  macro: Macro,
  mirrors: readonly CapabilityLayer[],
  session: ConsultSession,
): CapabilitySearch[] {
  const needs = consult(session, "meta-conductor", "say which evidence is needed", () => fetchNeeds(macro));
  const claims = gatherClaims([...catalog.capabilityLayers, ...mirrors], catalog.agents);
  const found = consult(session, "meta-scout", "search the capability layers", () =>
    needs.map((need) => ({ need, scored: searchCapabilities(need, claims) })),
  );
  return consult(session, "meta-artisan", "match owners to the needs", () =>
    matchCapabilities(found, {
      claims,
      samples: (laneId) => samplesOf(macro.id, laneId, costs),
      failedLately: (laneId, owner) => latelyFailed(owners[ownerKey(macro.id, laneId, owner)], at),
      isExecutable: (owner) => catalog.agents.some((agent) => agent.id === owner),
      isTrusted: (layer) => !isMirrorLayer(layer),
    }),
  );
}

/**
 * No retrieval provider exists in Fetch: what would need one is recorded as required and not validated, so that
 * the gate before Thinking refuses it. (Critical refuses such goals before it comes to that.)
 */
function recordOf(searches: readonly CapabilitySearch[], need: ResearchNeed): FetchRecord {
  return {
    capabilitySearchPerformed: true,
    capabilityMatches: searches.flatMap((search) =>
      search.matches.map(({ name, score, matchReason }) => ({
        name,
        score,
        matchReason: `${search.laneId}: ${matchReason}`,
      })),
    ),
    researchRequired: unmetResearch(need).length > 0,
    researchValidationPerformed: false,
    researchSourceCount: 0,
    researchSources: [],
  };
}

function discoveryOf(need: ResearchNeed): ContentEvidencePacket["researchCapabilityDiscovery"] {
  if (need.open.length === 0 && need.registry.length === 0) return null;
  const lanes = need.retrievalLanes.map((laneId) => ({
    descriptor: `registry queries by the lane "${laneId}"`,
    providerKind: "macro lane",
    status: "available" as const,
    proof: `the macro declares that "${laneId}" uses the network`,
    limitations: "answers come in Execution and only where the registry can be reached; it searches nothing else",
  }));
  return [
    ...lanes,
    {
      descriptor: "search of the open web",
      providerKind: "none",
      status: "unavailable",
      proof: "no agent and no capability layer of this bot offers it",
      limitations: "sources cannot be searched, compared or cited",
    },
  ];
}

function skipReason(need: ResearchNeed): string {
  if (need.offline) return "The goal says to stay local.";
  if (need.registry.length > 0) {
    return `The facts from outside that the goal asks for (${need.registry.join(", ")}) are what ${need.retrievalLanes.join(", ")} fetches in Execution, with command and answer as evidence; the plan does not rest on them.`;
  }
  return "The task is about files of the workspace alone, and they were inspected.";
}
