import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** A stream of a terminal as far as it is asked about; `process.stdout` is one. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Colours only on a terminal that shows them, and never where NO_COLOR is set (no-color.org). */
export function wantsColor(stream: TerminalStream, env: Readonly<Record<string, string | undefined>>): boolean {
  const { NO_COLOR: noColor, TERM: term } = env;
  return stream.isTTY === true && (noColor === undefined || noColor === "") && term !== "dumb";
}

export function colorsOf(color: boolean): Colors {
  return pc.createColors(color);
}

/** Columns that are used: the terminal's own, within what stays readable. */
export function columnsOf(stream: TerminalStream): number {
  return Math.min(Math.max(stream.columns ?? 80, 30), 120);
}
