import type { MacroLane } from "../contracts/macro.ts";
import type { CapabilitySearch } from "../contracts/packets/fetch.ts";
import type { BusinessFlowBlueprintPacket } from "../contracts/packets/thinking.ts";
import { keyed } from "../i18n.ts";
import { runScopedSkills } from "../governance/artisan.ts";
import { scoreOf } from "../governance/genesis.ts";
import type { ChosenPlan } from "./chosen-plan.ts";
import { localized } from "./refusals.ts";
import type { RunFacts } from "./run-facts.ts";

type FlowLane = BusinessFlowBlueprintPacket["requiredLanes"][number];

/** Every lane of the macro: required, chosen, or left out with its reason, each with its search (G24). */
export function businessFlow(facts: RunFacts, plan: ChosenPlan): BusinessFlowBlueprintPacket {
  const searches = facts.packet.capabilitySearches;
  const chosen = plan.lanes.map((planned) => planned.practical.lane);
  const flow = (lane: MacroLane) =>
    flowLane(
      searches.find((search) => search.laneId === lane.id),
      lane,
    );
  // What the macro cannot do without, and what it calls essential; the rest was worth choosing and could be left out.
  const required = chosen.filter((lane) => lane.required || lane.essential);
  const optional = chosen.filter((lane) => !required.includes(lane));
  const notChosen = facts.lanes.map(({ lane }) => lane).filter((lane) => !chosen.includes(lane));
  const omitted = [
    ...facts.omitted.map(({ lane, reason, gap }) => ({
      ...flow(lane),
      coverageStatus: gap ? ("missing" as const) : ("omitted_with_reason" as const),
      reason,
    })),
    ...notChosen.map((lane) => ({
      ...flow(lane),
      coverageStatus: "omitted_with_reason" as const,
      reason: keyed("gap.not_chosen"),
    })),
  ];
  const partial = [...required, ...optional].filter((lane) => flow(lane).coverageStatus !== "covered");
  return {
    requiredLanes: required.map((lane) => flow(lane)),
    optionalLanes: optional.map((lane) => flow(lane)),
    omittedLanes: omitted,
    laneDependencies: Object.fromEntries(plan.lanes.map(({ laneId, dependsOn }) => [laneId, dependsOn])),
    coverageJudgment: `${chosen.length} of ${facts.macro.lanes.length} lanes are worked on, ${chosen.length - partial.length} of them fully covered by their owner; ${omitted.length} are left out, each with a reason.`,
  };
}

function flowLane(search: CapabilitySearch | undefined, { id, title, role, keeps }: MacroLane): FlowLane {
  const score = search === undefined ? 0 : scoreOf(search);
  return {
    laneId: id,
    title: localized(title),
    businessRoleId: role,
    ...(keeps === undefined ? {} : { keeps }),
    capabilitySearchQuery: search?.query ?? "",
    candidateOwners: [
      ...new Set(search?.matches.filter((match) => match.kind === "agent").map((match) => match.name) ?? []),
    ],
    candidateSkills: search === undefined ? [] : runScopedSkills(search),
    selectedOwner: search?.selected ?? null,
    selectionReason: search?.selectionReason ?? "it was not searched for",
    coverageStatus: score === 3 ? "covered" : score > 0 ? "partial" : "missing",
  };
}
