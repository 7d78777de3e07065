import { basename } from "node:path/posix";
import type { OpenDecision } from "../contracts/decision.ts";
import type { Scar } from "../contracts/operations.ts";
import type { CandidatePath } from "../contracts/packets/thinking.ts";
import { raw, type Text } from "../contracts/text.ts";
import { isMessageKey, keyed, type MessageKey } from "../i18n.ts";
import { goalLine } from "./classification.ts";
import { localized } from "./refusals.ts";
import { researchNeed } from "./research.ts";
import type { RunFacts } from "./run-facts.ts";
import { duration } from "./wording.ts";

type Section = OpenDecision["context"][number];

/** What people read before the questions (G7). `advance`: what became of answers that were given in advance. */
export function cardContext(facts: RunFacts, paths: readonly CandidatePath[], advance: readonly Text[]): Section[] {
  return [
    { heading: keyed("context.understanding.heading"), lines: understanding(facts) },
    { heading: keyed("context.additions.heading"), lines: additions(facts, advance) },
    { heading: keyed("context.evidence.heading"), lines: evidenceLines(facts) },
    { heading: keyed("context.route.heading"), lines: route(facts) },
    { heading: keyed("context.paths.heading"), lines: [...paths.map(pathLine), ...timeBasis(facts)] },
  ];
}

function understanding({ goal, macro, classification }: RunFacts): Text[] {
  return [
    keyed("context.understanding.goal", { goal: raw(goalLine(goal)) }),
    keyed("context.understanding.procedure", {
      title: localized(macro.title),
      description: localized(macro.description),
    }),
    keyed("context.understanding.type.C"),
    keyed(`context.understanding.path.${classification.path}`),
  ];
}

function additions(facts: RunFacts, advance: readonly Text[]): Text[] {
  const { evidence, macro } = facts;
  const need = researchNeed(facts.goal, macro);
  const retrieval = facts.lanes.filter(({ lane }) => need.retrievalLanes.includes(lane.id));
  const rules = evidence.ruleFiles.map((file) => raw(file.path));
  const lines = [
    !evidence.isRepository && keyed("context.additions.no_repository"),
    evidence.uncommittedFiles > 0 && keyed("context.additions.uncommitted", { count: evidence.uncommittedFiles }),
    evidence.history.shallow && keyed("context.additions.shallow"),
    facts.readOnly && keyed("context.additions.read_only"),
    facts.offline && keyed("context.additions.offline"),
    rules.length > 0 &&
      keyed("context.additions.rules", { count: rules.length, names: rules, enforced: enforcedSentences(facts) }),
    need.registry.length > 0 &&
      retrieval.length > 0 &&
      keyed("context.additions.registry", {
        phrases: need.registry.join(", "),
        names: retrieval.map(({ lane }) => localized(lane.title)),
      }),
    facts.classification.architecture === "meta" && keyed("context.additions.meta_architecture"),
    ...advance,
  ].filter((line) => line !== false);
  return lines.length > 0 ? lines : [keyed("context.additions.none")];
}

/** Rules are made of sentences; a sentence may name several commands. */
function enforcedSentences({ policy }: RunFacts): number {
  const own = policy.rules.filter(({ source }) => source === "agents_md" || source === "cursor");
  return new Set(own.map(({ file, line, text }) => `${file}:${line}:${text}`)).size;
}

function evidenceLines({ evidence, packet }: RunFacts): Text[] {
  const { history, manifests, testCommand } = evidence;
  const languages = evidence.languages
    .slice(0, 5)
    .map(({ name, files }) => keyed("context.evidence.language", { name: raw(name), files }));
  const dependencies = manifests.reduce((sum, manifest) => sum + manifest.dependencies, 0);
  const names = manifests.slice(0, 5).map((manifest) => raw(basename(manifest.path)));
  return [
    keyed("context.evidence.files", {
      files: evidence.trackedFiles,
      languages: languages.length > 0 ? languages : keyed("context.evidence.no_language"),
    }),
    history.commits > 0
      ? keyed("context.evidence.history", { commits: history.commits, authors: history.authors })
      : keyed("context.evidence.no_history"),
    manifests.length > 0
      ? keyed("context.evidence.manifests", { dependencies, names, locked: evidence.lockfiles.length })
      : keyed("context.evidence.no_manifests"),
    testCommand === null
      ? keyed("context.evidence.no_tests")
      : keyed("context.evidence.tests", { command: raw(testCommand.argv.join(" ")), source: raw(testCommand.source) }),
    keyed("context.evidence.documents", { count: evidence.markdownFiles }),
    ...(packet.researchCapabilityDiscovery === null ? [keyed("context.evidence.no_research")] : []),
    ...evidence.gaps.map((what) => keyed("context.evidence.gap", { what })),
  ];
}

/** By coarse business role (G25), then what is left out and why, then double claims. */
function route({ lanes, omitted, packet }: RunFacts): Text[] {
  const roles = [...new Set(lanes.map(({ lane }) => lane.role))];
  const byRole = roles.map((role) => {
    const names = lanes.filter(({ lane }) => lane.role === role).map(({ lane }) => localized(lane.title));
    return keyed("context.route.role", { role: keyed(roleKey(role)), names });
  });
  const left = omitted.map(({ lane, reason }) =>
    keyed("context.route.omitted", { name: localized(lane.title), reason }),
  );
  const claimed = lanes
    .filter(({ lane }) =>
      packet.capabilitySearches.some((search) => search.laneId === lane.id && search.overlap.length > 0),
    )
    .map(({ lane }) => keyed("context.route.overlap", { name: localized(lane.title) }));
  return [...byRole, ...left, ...claimed];
}

function roleKey(role: string): MessageKey {
  const key = `role.${role}`;
  return isMessageKey(key) ? key : "context.nothing";
}

/** What the times rest on, where anything was learned. */
function timeBasis({ lanes }: RunFacts): Text[] {
  const learned = lanes.filter(({ samples }) => samples > 0);
  if (learned.length === 0) return [];
  const runs = Math.min(...learned.map(({ samples }) => samples));
  return [keyed("context.paths.basis", { learned: learned.length, runs, guessed: lanes.length - learned.length })];
}

/** What went wrong the last time, in one line for all of it (G33); nothing where nothing did. */
export function lastTime(scars: readonly Scar[]): Text[] {
  const [first] = scars;
  if (first === undefined) return [];
  const kinds = [...new Set(scars.map(({ kind }) => kind))];
  const what = kinds.map((kind) => {
    const key = `scar.${kind}`;
    const count = scars.filter((scar) => scar.kind === kind).length;
    return isMessageKey(key) ? keyed(key, { count }) : raw(kind);
  });
  return [
    keyed("context.additions.last_time", { run: raw(first.runId), goal: raw(first.goal ?? ""), at: first.at, what }),
  ];
}

function pathLine(path: CandidatePath): Text {
  const { title, rejectedBecause: reason } = path;
  const time = duration(path.expectedMs);
  return reason === undefined
    ? keyed("context.paths.recommended", { title, time })
    : keyed("context.paths.other", { title, time, reason });
}
