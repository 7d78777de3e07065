import type { Readable, Writable } from "node:stream";
import { SelectPrompt } from "@clack/core";
import { isCancel, limitOptions, S_BAR, S_BAR_END, S_RADIO_ACTIVE, S_RADIO_INACTIVE, symbol } from "@clack/prompts";
import { colorsOf, columnsOf, type TerminalStream } from "./terminal-style.ts";
import { wrapLines } from "./text-width.ts";

/** Where a person is asked; `signal` calls the question off. */
export interface PromptIo {
  readonly input: Readable;
  readonly output: Writable & TerminalStream;
  readonly color: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Choice<V extends string> {
  readonly value: V;
  readonly label: string;
  /** Stands beside the label, always. */
  readonly hint?: string | undefined;
  /** Lines that stand under the label while it is highlighted. */
  readonly details?: readonly string[];
  readonly disabled?: boolean;
}

export interface SelectQuestion<V extends string> {
  readonly message: string;
  readonly choices: readonly Choice<V>[];
  readonly initial?: V | undefined;
  /** How the keys work, in the person's language. */
  readonly keys: string;
}

/**
 * One choice from a list. The library's own select shows one short hint and instructions in English; this draws
 * the highlighted choice with all its details, and what cannot be chosen with its reason.
 * Resolves with undefined when the person left (Ctrl-C, Escape) or the signal came.
 */
export async function selectOne<V extends string>(question: SelectQuestion<V>, io: PromptIo): Promise<V | undefined> {
  const colors = colorsOf(io.color);
  const { output } = io;
  const bar = colors.gray(S_BAR);
  // Room for the bar on the left, and one column that some terminals need at the right.
  const room = () => columnsOf(output) - 4;

  const drawChoice = ({ label, hint, details = [], disabled = false }: Choice<V>, active: boolean): string => {
    const name = hint === undefined ? label : `${label}  ${colors.dim(hint)}`;
    const [first = "", ...rest] = wrapLines(name, room() - 2);
    const dress = disabled ? colors.gray : active ? colors.bold : colors.dim;
    const dot = active ? colors.green(S_RADIO_ACTIVE) : colors.dim(S_RADIO_INACTIVE);
    const shown = active || disabled ? details.flatMap((detail) => wrapLines(detail, room() - 6)) : [];
    return [
      `${dot} ${dress(first)}`,
      ...rest.map((part) => `  ${dress(part)}`),
      ...shown.map((part) => `    ${colors.dim(part)}`),
    ].join("\n");
  };

  const prompt = new SelectPrompt({
    options: question.choices.map((choice) => ({ ...choice })),
    ...(question.initial === undefined ? {} : { initialValue: question.initial }),
    input: io.input,
    output,
    ...(io.signal === undefined ? {} : { signal: io.signal }),
    render() {
      const message = wrapLines(question.message, room()).map(
        (part, at) => `${at === 0 ? symbol(this.state) : bar}  ${part}`,
      );
      const head = [bar, ...message];
      const chosen = this.options[this.cursor];
      if (this.state === "submit") return [...head, `${bar}  ${colors.dim(chosen?.label ?? "")}`].join("\n");
      if (this.state === "cancel") return [...head, bar].join("\n");
      const lines = limitOptions({
        output,
        cursor: this.cursor,
        options: this.options,
        columnPadding: 3,
        rowPadding: head.length + 2,
        style: drawChoice,
      });
      const foot = `${colors.gray(S_BAR_END)}  ${colors.dim(question.keys)}`;
      return [...head, ...lines.map((part) => `${bar}  ${part}`), foot].join("\n");
    },
  });
  const answer: unknown = await prompt.prompt();
  if (isCancel(answer)) return undefined;
  return question.choices.find(({ value }) => value === answer)?.value;
}
