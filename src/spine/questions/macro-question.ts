import type { ReleaseState } from "../../contracts/evidence.ts";
import type { MacroQuestion, OptionEffect } from "../../contracts/macro.ts";
import { type LocalizedText, raw, type Text } from "../../contracts/text.ts";
import { keyed } from "../../i18n.ts";
import { phrasesIn } from "../goal-words.ts";
import { unmetCondition } from "../practical-lanes.ts";
import type { RunFacts } from "../run-facts.ts";
import { evidenceReason } from "./fallback-reason.ts";
import type { QuestionDraft } from "./draft.ts";

/**
 * A macro's own question; undefined where its condition does not hold on this evidence. Its texts may name what
 * was seen: {files}, {commits}, {authors}, {dependencies}, {markdownFiles}, {uncommitted}, {changed}, {untracked},
 * {testCommand}, {buildCommand}; and of the next release {version}, {versionFile}, {versions} (each with its file),
 * {changelog}, {changelogVersion}, {tag}, {tagCommit}, {nextVersion}.
 */
export function macroQuestion(question: MacroQuestion, facts: RunFacts): QuestionDraft | undefined {
  const { evidence } = facts;
  const localized = withFacts(facts);
  if (unmetCondition(question.when, evidence) !== undefined) return undefined;
  return {
    id: question.id,
    title: localized(question.title),
    ...(question.after === undefined ? {} : { after: question.after }),
    options: question.options.map((option) => {
      const unmet = unmetCondition(option.available, evidence) ?? leftOut(option.effect, facts);
      const told = option.unavailableReason === undefined ? unmet : localized(option.unavailableReason);
      return {
        id: option.id,
        label: localized(option.label),
        changes: localized(option.changes),
        solves: localized(option.solves),
        result: localized(option.result),
        advantages: localized(option.advantages),
        disadvantages: localized(option.disadvantages),
        effect: option.effect,
        ...(unmet === undefined ? {} : { rejectedBecause: told ?? keyed("reason.nothing_left") }),
      };
    }),
    preferences: [...asGiven(question, facts), ...inGoal(question, facts), ...onEvidence(question, facts)],
  };
}

/** An option that asks for work which is left out here would promise what nobody does. */
function leftOut({ includeLanes = [] }: OptionEffect, { omitted }: RunFacts): Text | undefined {
  return omitted.find(({ lane }) => includeLanes.includes(lane.id))?.reason;
}

function withFacts({ evidence }: RunFacts): (byLanguage: LocalizedText) => Text {
  const params = {
    files: evidence.trackedFiles,
    commits: evidence.history.commits,
    authors: evidence.history.authors,
    dependencies: evidence.manifests.reduce((sum, manifest) => sum + manifest.dependencies, 0),
    markdownFiles: evidence.markdownFiles,
    uncommitted: evidence.uncommittedFiles,
    changed: evidence.uncommitted?.changed ?? 0,
    untracked: evidence.uncommitted?.untracked ?? 0,
    testCommand: seen(evidence.testCommand?.argv.join(" ")),
    buildCommand: seen(evidence.buildCommand?.argv.join(" ")),
    ...releaseFacts(evidence.release),
  };
  return (byLanguage) => ({ kind: "localized", byLanguage: { ...byLanguage }, params });
}

function releaseFacts(release: ReleaseState | undefined) {
  const { changelog, tag, versions = [] } = release ?? {};
  return {
    version: seen(versions[0]?.version),
    versionFile: seen(versions[0]?.file),
    versions: versions.map(({ file, version }) => raw(`${file}: ${version}`)),
    changelog: seen(changelog?.file),
    changelogVersion: seen(changelog?.newest),
    tag: seen(tag?.name),
    tagCommit: seen(tag?.commit?.slice(0, 12)),
    nextVersion: seen(release?.nextFree),
  };
}

function seen(value: string | null | undefined): Text {
  return value === null || value === undefined ? keyed("context.nothing") : raw(value);
}

type Preferences = QuestionDraft["preferences"];

/** Options that set what the request itself had set already: that was the person's own word. */
function asGiven(question: MacroQuestion, { givenArgs }: RunFacts): Preferences {
  return question.options
    .filter(({ effect }) => agreement(effect, givenArgs) === "agrees")
    .map(({ id }) => ({ option: id, because: keyed("reason.preset") }));
}

/** Options that the goal itself asks for. */
function inGoal(question: MacroQuestion, facts: RunFacts): Preferences {
  const localized = withFacts(facts);
  return question.options.flatMap(({ id, effect, recommendFor }) => {
    if (recommendFor === undefined || agreement(effect, facts.givenArgs) === "conflicts") return [];
    if (!asksFor(facts.goal, recommendFor.phrases)) return [];
    return [{ option: id, because: localized(recommendFor.reason) }];
  });
}

const CLAUSE_END = /[.,;:!?。，；：！？\n]+/u;
const REFUSING = /\b(?:not|don't|dont|never|without|no)\b|不|别|勿|无需/iu;

/** "Check the release, do not write the changelog" holds the phrase, and asks for the opposite. */
function asksFor(goal: string, phrases: readonly string[]): boolean {
  const asking = goal.split(CLAUSE_END).filter((clause) => !REFUSING.test(clause.replaceAll("’", "'")));
  return asking.some((clause) => phrasesIn(clause, phrases).length > 0);
}

function onEvidence(question: MacroQuestion, facts: RunFacts): Preferences {
  const localized = withFacts(facts);
  const fallback = evidenceReason(facts);
  return question.options
    .filter(({ effect }) => agreement(effect, facts.givenArgs) !== "conflicts")
    .filter(
      ({ recommendWhen }) => recommendWhen !== undefined && unmetCondition(recommendWhen, facts.evidence) === undefined,
    )
    .map(({ id, recommendReason }) => ({
      option: id,
      because: recommendReason === undefined ? fallback : localized(recommendReason),
    }));
}

function agreement(effect: OptionEffect, given: RunFacts["givenArgs"]): "agrees" | "conflicts" | "unrelated" {
  const shared = Object.entries(effect.setArgs ?? {}).filter(([name]) => name in given);
  if (shared.length === 0) return "unrelated";
  return shared.every(([name, value]) => JSON.stringify(given[name]) === JSON.stringify(value))
    ? "agrees"
    : "conflicts";
}
