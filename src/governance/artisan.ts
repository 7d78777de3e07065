import type { CapabilityMatch, CapabilitySearch } from "../contracts/packets/fetch.ts";
import { keywordsOf, type CapabilityClaim, type CapabilityNeed, type ScoredClaim } from "./scout.ts";

/** meta-artisan: maps what was found to what is needed, by fit and by return on investment (G16, G22). */

/** The lowest score with which an owner is given work; a single shared word is not a fit. */
const ENOUGH = 2;

export interface Found {
  readonly need: CapabilityNeed;
  readonly scored: readonly ScoredClaim[];
}

export interface Usage {
  readonly claims: readonly CapabilityClaim[];
  /** How often a lane was worked on before, as learned. */
  readonly samples: (laneId: string) => number;
  /** How often an owner failed lately at a lane; undefined where it did well, or was never tried. */
  readonly failedLately: (
    laneId: string,
    owner: string,
  ) => { readonly failed: number; readonly of: number } | undefined;
  /** Only who is known here and can be started may own a lane. */
  readonly isExecutable: (owner: string) => boolean;
  /** Claims of layers that the workspace brings itself inform; they never route work. */
  readonly isTrusted: (layer: string) => boolean;
}

/** The choice of an owner and of run-scoped skills for every need. */
export function matchCapabilities(found: readonly Found[], usage: Usage): CapabilitySearch[] {
  return found.map(({ need, scored }) => {
    const matches = scored.map((claim) => ({ ...claim, roi: returnOnInvestment(need, claim, found, usage) }));
    return selectOwner(need, matches, usage);
  });
}

/** ROI = (coverage × frequency) / (context cost + learning curve). */
function returnOnInvestment(need: CapabilityNeed, claim: ScoredClaim, found: readonly Found[], usage: Usage): number {
  const coverage = claim.score / 3;
  const frequency = found.filter(({ scored }) =>
    scored.some((other) => other.name === claim.name && other.score >= ENOUGH),
  ).length;
  const contextCost = new Set(
    usage.claims.filter((other) => other.owner === claim.name).map((other) => other.capability),
  ).size;
  const learningCurve = 1 / (1 + usage.samples(need.laneId));
  return Math.round((1000 * (coverage * frequency)) / (contextCost + learningCurve)) / 1000;
}

function selectOwner(need: CapabilityNeed, matches: readonly CapabilityMatch[], usage: Usage): CapabilitySearch {
  const eligible = matches.filter(
    (match) =>
      match.kind === "agent" && match.score >= ENOUGH && usage.isExecutable(match.name) && usage.isTrusted(match.layer),
  );
  const misses = (match: CapabilityMatch) => usage.failedLately(need.laneId, match.name);
  const failing = (match: CapabilityMatch) => (misses(match) === undefined ? 0 : 1);
  // Of those that fit as well, who failed lately comes last; then the smallest owner that covers the need, then the better return, then the name, so that a tie is no accident.
  const size = (match: CapabilityMatch) => usage.claims.filter((claim) => claim.owner === match.name).length;
  const [first, ...others] = eligible.toSorted(
    (a, b) =>
      b.score - a.score ||
      failing(a) - failing(b) ||
      size(a) - size(b) ||
      b.roi - a.roi ||
      a.name.localeCompare(b.name, "en"),
  );
  const rivals = others.filter((match) => match.score === first?.score && match.name !== first.name);
  const failed = [...new Map(eligible.map((match) => [match.name, misses(match)]))].flatMap(([name, record]) =>
    record === undefined ? [] : [`${name} failed at this ${record.failed} of its last ${record.of} times`],
  );
  const overlap = [...new Set(rivals.map((match) => match.name))];
  return {
    laneId: need.laneId,
    query: need.need,
    keywords: keywordsOf(need),
    layersSearched: [...new Set(usage.claims.map((claim) => claim.layer))],
    matches: [...matches],
    overlap: first === undefined || overlap.length === 0 ? [] : [first.name, ...overlap],
    selected: first?.name ?? null,
    selectionReason:
      first === undefined
        ? `no execution agent scores ${ENOUGH} or more (best: ${matches[0]?.score ?? 0})`
        : `score ${first.score}, return ${first.roi}: ${first.matchReason}${overlap.length === 0 ? "" : `; also claimed by ${overlap.join(", ")}, ${failing(rivals[0] ?? first) > failing(first) ? "the one that failed less lately" : "the smallest owner that covers it"} was taken`}${failed.map((line) => `; ${line}`).join("")}`,
  };
}

/** Skills, tools and commands that fit a lane in this run; never bound to an agent for good (G22). */
export function runScopedSkills(search: CapabilitySearch): string[] {
  return [
    ...new Set(
      search.matches.filter((match) => match.kind !== "agent" && match.score >= ENOUGH).map((match) => match.name),
    ),
  ];
}
