import { keyed } from "../../i18n.ts";
import { heavyLanes } from "../chosen-plan.ts";
import type { RunFacts } from "../run-facts.ts";
import { duration, slowest, titles } from "../wording.ts";
import { optionTexts, type OptionDraft, type QuestionDraft } from "./draft.ts";
import { totalOf } from "./scope.ts";

const LARGE_WORKSPACE_BYTES = 1_000_000_000;

/** Two estimates this close to each other are the same for people. */
const SAME_SHARE = 0.2;

/** How the work is walked through: how many workers at once, what waits for what, how often it is tried. */
export function styleQuestion({ lanes, evidence }: RunFacts): QuestionDraft {
  const heavy = heavyLanes(lanes);
  const sum = lanes.reduce((total, practical) => total + practical.expectedMs, 0);
  const [longest] = slowest(lanes);
  const params = {
    count: lanes.length,
    width: Math.min(4, lanes.length),
    together: duration(totalOf(lanes)),
    single: duration(sum),
    // Times are told roughly: what differs by less would read as the same twice.
    same: sum - totalOf(lanes) < SAME_SHARE * sum ? "yes" : "no",
    slowest: titles(slowest(lanes)),
    slowestTime: duration(longest?.expectedMs ?? 0),
    light: titles(lanes.filter(({ lane }) => !heavy.includes(lane.id))),
    heavy: titles(lanes.filter(({ lane }) => heavy.includes(lane.id))),
    repeats: Math.max(...lanes.map(({ retries }) => retries)),
    files: evidence.trackedFiles,
    megabytes: Math.round(evidence.trackedBytes / 1_000_000),
  };
  const dominant = lanes.length >= 3 && longest !== undefined && longest.expectedMs > 0.6 * sum;
  const preferences = [
    evidence.trackedBytes > LARGE_WORKSPACE_BYTES && {
      option: "one_at_a_time",
      because: keyed("reason.style.large", params),
    },
    dominant && longest.expectedMs > 60_000 && { option: "light_first", because: keyed("reason.style.heavy", params) },
    {
      option: "parallel",
      because: lanes.length > 1 ? keyed("reason.style.independent", params) : keyed("reason.style.single", params),
    },
  ];
  const repeating: OptionDraft =
    params.repeats > 0
      ? { id: "no_repeats", ...optionTexts("option.style.no_repeats", params), effect: {} }
      : { id: "second_chance", ...optionTexts("option.style.second_chance", params), effect: {} };
  return {
    id: "style",
    title: keyed("question.style"),
    options: [
      { id: "parallel", ...optionTexts("option.style.parallel", params), effect: {} },
      { id: "one_at_a_time", ...optionTexts("option.style.one_at_a_time", params), effect: {} },
      { id: "light_first", ...optionTexts("option.style.light_first", params), effect: {} },
      repeating,
    ],
    preferences: preferences.filter((entry) => entry !== false),
  };
}
