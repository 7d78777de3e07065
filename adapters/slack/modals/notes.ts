import type { KnownBlock, ModalView } from "@slack/types";
import type { DeadLetterCard } from "../../../src/contracts/card.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import type { Translator } from "../../../src/i18n.ts";
import { line, plain, rich, span } from "../blocks.ts";
import { LIMITS } from "../limits.ts";
import { argumentInput, VALUE, type FormValues } from "./inputs.ts";
import type { FormMemory, Place } from "./metadata.ts";

export const REASON = "reason";

/** Something to read, in as many blocks as it takes; `isWhole` false: the rest stands elsewhere, which `text` says. */
export function textView(title: string, text: string, words: Translator): ModalView {
  const size = LIMITS.blockCharacters;
  const count = Math.min(LIMITS.viewBlocks - 1, Math.max(1, Math.ceil(text.length / size)));
  return {
    type: "modal",
    callback_id: "cx.note",
    title: plain(title, LIMITS.viewTitle),
    close: plain(words.t("slack.form.close"), LIMITS.viewButton),
    blocks: Array.from({ length: count }, (_, at) =>
      rich(`text.${at}`, line(span(text.slice(at * size, (at + 1) * size)))),
    ),
  };
}

/** Giving a run up asks why. */
export function discardView(runId: RunId, place: Place, words: Translator): ModalView {
  return letterView({ form: "discard", runId, place }, words.t("card.action.discard"), words, [
    rich("about", line(span(words.t("card.action.discard_confirm")))),
    {
      type: "input",
      block_id: REASON,
      label: plain(words.t("slack.form.reason"), LIMITS.inputLabel),
      element: { type: "plain_text_input", action_id: VALUE, max_length: 1000 },
    },
  ]);
}

/** The values that a run failed with; what is changed goes along with the retry. */
export function retryView({ runId, args }: DeadLetterCard, place: Place, words: Translator): ModalView {
  const blocks = args.slice(0, LIMITS.viewBlocks - 1).map((argument) => argumentInput(argument, words));
  return letterView({ form: "retry", runId, place }, words.t("card.action.retry"), words, [
    rich("about", line(span(words.t("card.retry_about")))),
    ...blocks,
  ]);
}

function letterView(
  memory: Extract<FormMemory, { form: "discard" | "retry" }>,
  title: string,
  words: Translator,
  blocks: KnownBlock[],
): ModalView {
  return {
    type: "modal",
    callback_id: `cx.${memory.form}`,
    title: plain(title, LIMITS.viewTitle),
    submit: plain(title, LIMITS.viewButton),
    close: plain(words.t("slack.form.close"), LIMITS.viewButton),
    private_metadata: JSON.stringify(memory),
    blocks,
  };
}

export function readReason(values: FormValues): string {
  return values[REASON]?.[VALUE]?.value ?? "";
}
