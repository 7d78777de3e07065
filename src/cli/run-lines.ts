import type { DecisionCard } from "../contracts/card.ts";
import type { Verdict } from "../contracts/verdict.ts";
import type { RunView } from "../contracts/view.ts";
import { translatorFor, type Translator } from "../i18n.ts";

/** The JSON lines about a run. Ids never depend on the language; texts are in the run's language. */
export type RunLine = { readonly type: string } & Record<string, unknown>;

export function noticeLine({ envelope }: RunView): RunLine {
  return { type: "run.notice", ...envelope };
}

export function waitingLine(card: DecisionCard): RunLine {
  return {
    type: "run.waiting",
    runId: card.runId,
    card: {
      decisionId: card.decisionId,
      title: card.title,
      assurance: card.assurance,
      context: card.context,
      questions: card.questions.map(({ id, title, after, options }) => ({
        id,
        title,
        after,
        options: options.map(({ id, label, recommended, recommendedBecause, rejectedBecause, fields }) => ({
          id,
          label,
          recommended,
          recommendedBecause,
          rejectedBecause,
          fields,
        })),
      })),
      args: card.args,
    },
  };
}

export function endedLine(view: RunView): RunLine {
  const words = translatorFor(view.envelope.resolvedOutputLanguage);
  return {
    type: "run.ended",
    runId: view.summary.runId,
    status: view.summary.status,
    headline: view.result?.headline ?? view.deadLetter?.headline ?? null,
    folder: view.folder,
    verdict: view.verdict === null ? null : verdictLine(view.verdict, words),
    artifacts: view.artifacts,
    findings: view.findings.map((finding) => ({ ...finding, text: words.say(finding.text) })),
    failure: view.failure === null ? null : { ...view.failure, text: words.say(view.failure.text) },
  };
}

function verdictLine({ kind, text, points }: Verdict, words: Translator): object {
  return { kind, text: words.say(text), points: points.map((point) => ({ ...point, text: words.say(point.text) })) };
}
