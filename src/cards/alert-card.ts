import type { Alert } from "../contracts/alert.ts";
import type { AlertCard } from "../contracts/card.ts";
import type { Translator } from "../i18n.ts";
import { plainTranslator } from "../plain-text.ts";

/** What operators must hear of: what it is, how bad, since when, and what to do. */
export function alertCard(alert: Alert, translator: Translator): AlertCard {
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
  };
}
