import type { DecisionOption, Question } from "../../contracts/decision.ts";
import type { OptionEffect } from "../../contracts/macro.ts";
import type { Text, TextParam } from "../../contracts/text.ts";
import { keyed, type MessageKey } from "../../i18n.ts";

type FieldTexts = Pick<DecisionOption, "label" | "changes" | "solves" | "result" | "advantages" | "disadvantages">;

/** An option before it is known whether it differs from the others, and which one is recommended. */
export interface OptionDraft extends FieldTexts {
  readonly id: string;
  readonly effect: OptionEffect;
  readonly rejectedBecause?: Text | undefined;
}

export interface QuestionDraft {
  readonly id: string;
  readonly title: Text;
  readonly after?: Question["after"];
  readonly options: readonly OptionDraft[];
  /** Best first; the first one that can be chosen is recommended. */
  readonly preferences: readonly { readonly option: string; readonly because: Text }[];
}

type PrefixOf<K> = K extends `${infer P}.disadvantages` ? (`${P}.label` extends MessageKey ? P : never) : never;
export type OptionPrefix = PrefixOf<MessageKey>;

/** The label and the five fields of an option, from the catalogue; all six get the same facts. */
export function optionTexts(prefix: OptionPrefix, params?: Record<string, TextParam>): FieldTexts {
  return {
    label: keyed(`${prefix}.label`, params),
    changes: keyed(`${prefix}.changes`, params),
    solves: keyed(`${prefix}.solves`, params),
    result: keyed(`${prefix}.result`, params),
    advantages: keyed(`${prefix}.advantages`, params),
    disadvantages: keyed(`${prefix}.disadvantages`, params),
  };
}

export type FinishedQuestion =
  | { readonly kind: "asked"; readonly question: Question }
  | { readonly kind: "dropped"; readonly id: string; readonly reason: string };

/**
 * Rejects what comes to the same as an earlier option, and what would leave nothing to do; recommends exactly
 * one; drops the question where fewer than two options are left to choose from. `signature` applies an option
 * to the plan; undefined: nothing would be left.
 */
export function finishQuestion(
  draft: QuestionDraft,
  signature: (option: OptionDraft) => string | undefined,
  fallbackReason: Text,
): FinishedQuestion {
  const taken = new Map<string, OptionDraft>();
  const options = draft.options.map((option): OptionDraft => {
    if (option.rejectedBecause !== undefined) return option;
    const effect = signature(option);
    if (effect === undefined) return { ...option, rejectedBecause: keyed("reason.nothing_left") };
    const same = taken.get(effect);
    if (same !== undefined) return { ...option, rejectedBecause: keyed("reason.same_as", { other: same.label }) };
    taken.set(effect, option);
    return option;
  });
  const viable = options.filter((option) => option.rejectedBecause === undefined);
  if (viable.length < 2) {
    const only = viable[0]?.id ?? "none";
    return {
      kind: "dropped",
      id: draft.id,
      reason: `only one option can be chosen here (${only}), so nothing is asked`,
    };
  }
  const isViable = (id: string) => viable.some((option) => option.id === id);
  const preferred = draft.preferences.find(({ option }) => isViable(option));
  const chosen = preferred?.option ?? viable[0]?.id;
  const because = preferred?.because ?? fallbackReason;
  return {
    kind: "asked",
    question: {
      id: draft.id,
      title: draft.title,
      ...(draft.after === undefined ? {} : { after: draft.after }),
      options: options.map((option) => toOption(option, option.id === chosen ? because : undefined)),
    },
  };
}

/** `because`: why it is the recommended one; undefined where it is not. */
export function toOption({ rejectedBecause, ...option }: OptionDraft, because: Text | undefined): DecisionOption {
  return {
    ...option,
    recommended: because !== undefined,
    ...(because === undefined ? {} : { recommendedBecause: because }),
    ...(rejectedBecause === undefined ? {} : { rejectedBecause }),
  };
}
