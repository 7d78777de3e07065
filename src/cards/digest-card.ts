import type { DigestCard } from "../contracts/card.ts";
import { RunSummary } from "../contracts/document.ts";
import type { DigestLine } from "../contracts/operations.ts";
import type { Translator } from "../i18n.ts";
import { plainTranslator, shorten } from "../plain-text.ts";

/** What ended since the last digest: counted, then a line for each run. */
export function digestCard(lines: readonly DigestLine[], translator: Translator): DigestCard {
  const words = plainTranslator(translator);
  const counts = RunSummary.shape.status.options.flatMap((status) => {
    const count = lines.filter((line) => line.status === status).length;
    return count === 0 ? [] : [words.t("digest.count", { status, count })];
  });
  return {
    kind: "digest",
    language: words.language,
    title: words.t("digest.title", { count: lines.length }),
    headline: words.list(counts),
    runs: lines.map(({ runId, goal, status, findings }) => ({
      runId,
      goal: shorten(words.say({ kind: "raw", raw: goal }), 120),
      outcome: words.t("digest.outcome", { status, findings }),
    })),
  };
}
