import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** A stream of a terminal as far as it is asked about; `process.stdout` is one. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/** Colours only on a terminal that shows them, and never where NO_COLOR is set (no-color.org). */
export function wantsColor(stream: TerminalStream, env: Readonly<Record<string, string | undefined>>): boolean {
  const { NO_COLOR: noColor, TERM: term } = env;
  return stream.isTTY === true && (noColor === undefined || noColor === "") && term !== "dumb";
}

/** Where lines can be drawn anew and keys read one by one: on a terminal that understands how (`TERM=dumb` does not). */
export function movesCursor(stream: TerminalStream, env: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** A terminal that was never told its size says 0: libraries would print one character a line. Its own word comes with a resize. */
export function assumeSize(stream: TerminalStream): void {
  if (stream.columns === 0) stream.columns = 80;
  if (stream.rows === 0) stream.rows = 24;
}

export function colorsOf(color: boolean): Colors {
  return pc.createColors(color);
}

/** Columns that are used: the terminal's own, within what stays readable. */
export function columnsOf(stream: TerminalStream): number {
  return Math.min(Math.max(stream.columns ?? 80, 30), 120);
}
