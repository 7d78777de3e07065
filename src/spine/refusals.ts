import type { Macro } from "../contracts/macro.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import type { Intent } from "./classification.ts";

/** An honest "no", with what is possible instead (G11). Undefined where the intent is no reason to refuse. */
export function refusalOf(intent: Intent, macros: readonly Macro[]): Text | undefined {
  const possible = possibleText(macros);
  switch (intent.kind) {
    case "macro":
    case "unclear":
      return undefined;
    case "other_type":
      return keyed("refusal.other_type", { type: keyed(`refusal.type.${intent.type}`), possible });
    case "run_query":
      return keyed("refusal.run_query");
    case "question":
      return keyed("refusal.question", { possible });
    case "unknown_macro":
      return keyed("refusal.unknown_macro", { came: intent.wanted, possible });
    case "stopped":
      return keyed("refusal.stopped", { possible });
  }
}

/** The procedures that there are, each with its id and title. */
export function possibleText(macros: readonly Macro[]): Text {
  const built = macros.filter((macro) => macro.type === "C");
  if (built.length === 0) return keyed("refusal.nothing_possible");
  const names = built.map((macro) => keyed("refusal.procedure", { title: localized(macro.title), id: macro.id }));
  return keyed("refusal.possible", { count: built.length, names });
}

/** Words that a file brings in several languages, as a text; ICU placeholders are filled from `params`. */
export function localized(byLanguage: Record<string, string>): Text {
  return { kind: "localized", byLanguage: { ...byLanguage } };
}
