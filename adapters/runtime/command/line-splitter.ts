export interface Line {
  readonly text: string;
  /** True when the line was longer than the limit; `text` is its beginning. */
  readonly cut: boolean;
}

/** Cuts a stream of bytes into lines of at most `limit` characters, without their ends. */
export interface LineSplitter {
  push(chunk: Uint8Array): Line[];
  /** The half line at the end of the stream, if there is one. */
  end(): Line[];
}

export function createLineSplitter(limit: number): LineSplitter {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  let restLength = 0;
  let cut = false;

  const keep = (piece: string): void => {
    if (piece === "") return;
    const fitting = piece.slice(0, limit - restLength);
    cut ||= fitting.length < piece.length;
    // Joined only when the line ends: adding to one string for every chunk would copy a long line each time.
    if (fitting !== "") rest.push(fitting);
    restLength += fitting.length;
  };
  const take = (): Line => {
    const line = { text: rest.join("").replace(/\r$/, ""), cut };
    rest = [];
    restLength = 0;
    cut = false;
    return line;
  };
  const split = (text: string): Line[] => {
    const pieces = text.split("\n");
    const last = pieces.pop() ?? "";
    const lines = pieces.map((piece) => {
      keep(piece);
      return take();
    });
    keep(last);
    return lines;
  };
  return {
    push: (chunk) => split(decoder.decode(chunk, { stream: true })),
    end: () => {
      const lines = split(decoder.decode());
      return restLength > 0 ? [...lines, take()] : lines;
    },
  };
}
