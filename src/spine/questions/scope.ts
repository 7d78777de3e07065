import { keyed } from "../../i18n.ts";
import { expectedTotalMs } from "../../governance/conductor.ts";
import { isOnlyByName, type PracticalLane } from "../practical-lanes.ts";
import { laneArgument, type RunFacts } from "../run-facts.ts";
import { duration, slowest, titles } from "../wording.ts";
import { optionTexts, type OptionDraft, type OptionPrefix, type QuestionDraft } from "./draft.ts";

/** Above this expected time, doing everything is no longer recommended. */
const AFFORDABLE_MS = 5 * 60_000;

/** How much of the work is done: a set of lanes, named in the effect so that the card and the plan agree. */
export function scopeQuestion(facts: RunFacts): QuestionDraft {
  const { macro } = facts;
  const lanes = facts.lanes.filter((practical) => !isOnlyByName(practical));
  const essential = essentialLanes(lanes);
  const total = totalOf(lanes);
  const times = { time: duration(total), shorter: duration(totalOf(essential)), count: lanes.length };
  const own = laneArgument(macro);
  const ownGiven = own !== undefined && own in facts.givenArgs;
  const preferences = [
    ownGiven && { option: "own_selection", because: keyed("reason.scope.own") },
    total > AFFORDABLE_MS &&
      essential.length > 0 && { option: "essential", because: keyed("reason.scope.long", times) },
    { option: "everything", because: keyed("reason.scope.affordable", times) },
  ];
  const noEssential = essential.length === 0 ? keyed("reason.scope.no_essential") : undefined;
  return {
    id: "scope",
    title: keyed("question.scope"),
    options: [
      laneSet("everything", "option.scope.everything", lanes, lanes),
      { ...laneSet("essential", "option.scope.essential", essential, lanes), rejectedBecause: noEssential },
      laneSet("quick", "option.scope.quick", withoutSlowest(lanes), lanes),
      ...(own === undefined ? [] : [ownSelection(facts)]),
    ],
    preferences: preferences.filter((entry) => entry !== false),
  };
}

function laneSet(
  id: string,
  prefix: OptionPrefix,
  kept: readonly PracticalLane[],
  lanes: readonly PracticalLane[],
): OptionDraft {
  const left = lanes.filter((practical) => !kept.includes(practical));
  const params = {
    count: kept.length,
    names: titles(kept),
    leftCount: left.length,
    left: titles(left),
    time: duration(totalOf(kept)),
  };
  return { id, ...optionTexts(prefix, params), effect: { includeLanes: kept.map(({ lane }) => lane.id) } };
}

function ownSelection({ lanes }: RunFacts): OptionDraft {
  const params = { count: lanes.length, names: titles(lanes) };
  return {
    id: "own_selection",
    ...optionTexts("option.scope.own_selection", params),
    effect: {},
    rejectedBecause: lanes.length < 2 ? keyed("reason.scope.one_lane") : undefined,
  };
}

export function totalOf(lanes: readonly PracticalLane[]): number {
  const ordered = lanes.map(({ lane, expectedMs }) => ({ laneId: lane.id, dependsOn: lane.dependsOn, expectedMs }));
  return expectedTotalMs(ordered, 4);
}

export function essentialLanes(lanes: readonly PracticalLane[]): PracticalLane[] {
  return lanes.filter(({ lane }) => lane.essential || lane.required);
}

/** All but the slowest lane that nothing waits for and that is not indispensable. */
export function withoutSlowest(lanes: readonly PracticalLane[]): PracticalLane[] {
  const free = lanes.filter(
    ({ lane }) => !lane.required && !lanes.some((other) => other.lane.dependsOn.includes(lane.id)),
  );
  const [left] = slowest(free);
  return lanes.length < 2 ? [...lanes] : lanes.filter((practical) => practical !== left);
}
