import { Alert } from "../contracts/alert.ts";
import type { AlertCard } from "../contracts/card.ts";
import type { Translator } from "../i18n.ts";
import { plainTranslator } from "../plain-text.ts";

/** What operators must hear of: what it is, how bad, since when, and what to do; or since when it is over. */
export function alertCard(alert: Alert, translator: Translator, resolvedAt?: number): AlertCard {
  const words = plainTranslator(translator);
  return {
    kind: "alert",
    runId: alert.runId ?? null,
    language: words.language,
    title: words.say(alert.what),
    severity: alert.severity,
    severityLabel: words.t(`alert.severity.${alert.severity}`),
    since: words.t("alert.since", { when: words.dateTime(alert.since) }),
    todo: words.say(alert.todo),
    alert: Alert.parse(alert),
    resolved: resolvedAt === undefined ? null : { line: resolvedLine(alert, words, resolvedAt), at: resolvedAt },
  };
}

function resolvedLine({ since }: Alert, words: Translator, at: number): string {
  return words.t("alert.resolved", { when: words.dateTime(at), duration: words.duration(Math.max(0, at - since)) });
}
