import type { ReleaseState, WorkspaceEvidence } from "../contracts/evidence.ts";
import type { EvidenceCondition, Macro, MacroLane } from "../contracts/macro.ts";
import type { CapabilitySearch } from "../contracts/packets/fetch.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { expectedMs, samplesOf, type Costs } from "../governance/librarian.ts";
import { allowedUses, type Use } from "../governance/sentinel.ts";
import { isNewer, sameVersion } from "../versions.ts";
import { localized } from "./refusals.ts";

/** A lane that can be worked on with what Fetch saw, and its owner. */
export interface PracticalLane {
  readonly lane: MacroLane;
  readonly owner: string;
  readonly expectedMs: number;
  /** From how many earlier times `expectedMs` was learned; 0: it is the procedure's own guess. */
  readonly samples: number;
  /** What it may use here: without what the goal forbids. */
  readonly uses: readonly Use[];
  /** How often a retryable failure is tried again: the lane's own word, the macro's, or once. */
  readonly retries: number;
}

/** A lane that is left out before anybody is asked, and why. `gap`: because nobody can do it. */
export interface OmittedLane {
  readonly lane: MacroLane;
  readonly reason: Text;
  readonly gap: boolean;
}

export interface LaneBasis {
  readonly evidence: WorkspaceEvidence;
  readonly searches: readonly CapabilitySearch[];
  readonly costs: Costs;
  readonly offline: boolean;
  /** The goal forbids changes, so nothing can be kept (G35). */
  readonly readOnly: boolean;
}

export interface LaneChoice {
  readonly lanes: PracticalLane[];
  readonly omitted: OmittedLane[];
}

/** Which lanes of a macro are practical on this evidence; every other one has its reason (G24). */
export function choosePracticalLanes(macro: Macro, basis: LaneBasis): LaneChoice {
  const omitted = macro.lanes.flatMap((lane): OmittedLane[] => {
    const reason = whyOmitted(lane, basis);
    return reason === undefined ? [] : [{ lane, ...reason }];
  });
  // A lane whose predecessor is left out can never start; leaving it out may leave out the next one.
  for (;;) {
    const out = new Set(omitted.map(({ lane }) => lane.id));
    const stuck = macro.lanes.find((lane) => !out.has(lane.id) && lane.dependsOn.some((id) => out.has(id)));
    if (stuck === undefined) break;
    const before = macro.lanes.find((lane) => stuck.dependsOn.includes(lane.id) && out.has(lane.id));
    const reason = keyed("gap.predecessor", { before: localized((before ?? stuck).title) });
    omitted.push({ lane: stuck, reason, gap: false });
  }
  const lanes = macro.lanes.flatMap((lane): PracticalLane[] => {
    const owner = ownerOf(lane, basis.searches);
    if (owner === null || omitted.some((entry) => entry.lane === lane)) return [];
    const uses = allowedUses(lane.uses, basis.offline ? ["network"] : []);
    const retries = lane.retries ?? (macro.retry?.attempts ?? 2) - 1;
    const samples = samplesOf(macro.id, lane.id, basis.costs);
    return [{ lane, owner, expectedMs: expectedMs(macro.id, lane, basis.costs), samples, uses, retries }];
  });
  return { lanes, omitted };
}

function ownerOf(lane: MacroLane, searches: readonly CapabilitySearch[]): string | null {
  return searches.find((search) => search.laneId === lane.id)?.selected ?? null;
}

function whyOmitted(lane: MacroLane, basis: LaneBasis): { reason: Text; gap: boolean } | undefined {
  const unmet = unmetCondition(lane.when, basis.evidence);
  if (unmet !== undefined) return { reason: unmet, gap: false };
  if (lane.keeps !== undefined && basis.readOnly) return { reason: keyed("reason.read_only_goal"), gap: false };
  if (lane.keeps !== undefined && basis.evidence.revision === null)
    return { reason: keyed("gap.missing.hasHistory"), gap: false };
  if (ownerOf(lane, basis.searches) === null) return { reason: keyed("gap.no_owner", { need: lane.need }), gap: true };
  return undefined;
}

/** Work whose changes may be kept is done only where it was chosen by name, never because everything was. */
export function isOnlyByName({ lane }: PracticalLane): boolean {
  return lane.keeps !== undefined;
}

/** The first part of a condition that does not hold on this evidence, in words; undefined where all hold. */
export function unmetCondition(condition: EvidenceCondition, evidence: WorkspaceEvidence): Text | undefined {
  const seen = seenIn(evidence);
  for (const name of CONDITIONS) {
    const wanted = condition[name];
    if (wanted !== undefined && wanted !== seen[name])
      return keyed(wanted ? `gap.missing.${name}` : `gap.present.${name}`);
  }
  const { minTrackedFiles } = condition;
  if (minTrackedFiles !== undefined && evidence.trackedFiles < minTrackedFiles) {
    return keyed("gap.missing.minTrackedFiles", { wanted: minTrackedFiles, files: evidence.trackedFiles });
  }
  return undefined;
}

const CONDITIONS = [
  "hasManifest",
  "hasLockfile",
  "hasTestCommand",
  "hasBuildCommand",
  "hasDependencies",
  "hasHistory",
  "hasMarkdown",
  "isClean",
  "hasChangedFiles",
  "hasUntrackedFiles",
  "hasVersion",
  "versionsAgree",
  "changelogIsAhead",
  "hasChangelog",
  "hasChangelogEntry",
  "hasEmptyChangelogEntry",
  "tagIsFree",
  "tagIsHere",
] as const satisfies (keyof EvidenceCondition)[];

function seenIn(evidence: WorkspaceEvidence): Record<(typeof CONDITIONS)[number], boolean> {
  const { release, uncommitted } = evidence;
  const entry = release?.changelog?.entry;
  const taken = release?.tag?.commit ?? null;
  const ahead = release !== undefined && changelogIsAhead(release);
  return {
    hasManifest: evidence.manifests.length > 0,
    hasLockfile: evidence.lockfiles.length > 0,
    hasTestCommand: evidence.testCommand !== null,
    hasDependencies: evidence.manifests.some((manifest) => manifest.dependencies > 0),
    hasHistory: evidence.history.commits > 0,
    hasMarkdown: evidence.markdownFiles > 0,
    isClean: evidence.uncommittedFiles === 0,
    hasBuildCommand: (evidence.buildCommand ?? null) !== null,
    hasChangedFiles: (uncommitted?.changed ?? 0) > 0,
    hasUntrackedFiles: (uncommitted?.untracked ?? 0) > 0,
    hasVersion: (release?.versions.length ?? 0) > 0,
    versionsAgree: release === undefined || (allTheSame(release) && !ahead),
    changelogIsAhead: ahead,
    hasChangelog: (release?.changelog ?? null) !== null,
    hasChangelogEntry: entry === "filled",
    hasEmptyChangelogEntry: entry === "empty",
    tagIsFree: taken === null,
    tagIsHere: taken !== null && taken === evidence.revision,
  };
}

function allTheSame({ versions }: ReleaseState): boolean {
  return versions.every(({ version }) => sameVersion(version, versions[0]?.version ?? version));
}

function changelogIsAhead({ versions, changelog }: ReleaseState): boolean {
  const [named] = versions;
  const newest = changelog?.newest ?? null;
  return named !== undefined && newest !== null && isNewer(newest, named.version);
}
