import { PassThrough, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

/** A terminal that tests type on and read from. */
export interface FakeTerminal {
  readonly input: PassThrough;
  readonly output: Writable & { isTTY: boolean; columns: number; rows: number };
  /** Everything that was written, without colours and cursor moves. */
  text(): string;
  raw(): string;
  /** Waits until `shown` was written after the last key, then types `keys`, one after the other. */
  press(shown: string | RegExp, ...keys: readonly Key[]): Promise<void>;
}

type Key = "enter" | "down" | "up" | "space" | "ctrl-c" | { readonly type: string };

const SEQUENCES = { enter: "\r", down: "\u001b[B", up: "\u001b[A", space: " ", "ctrl-c": "\u0003" } as const;

export function createFakeTerminal(size: { columns?: number; rows?: number; isTTY?: boolean } = {}): FakeTerminal {
  let written = "";
  let since = 0;
  const waiting = new Set<() => void>();
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      for (const check of waiting) check();
      done();
    },
  });
  const output = Object.assign(stream, {
    isTTY: size.isTTY ?? true,
    columns: size.columns ?? 80,
    rows: size.rows ?? 50,
  });
  const input = new PassThrough();
  const text = () => stripVTControlCharacters(written);
  const appeared = (shown: string | RegExp): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      const fresh = stripVTControlCharacters(written.slice(since));
      if (typeof shown === "string" ? !fresh.includes(shown) : !shown.test(fresh)) return;
      waiting.delete(check);
      resolve();
    };
    waiting.add(check);
    check();
    return promise;
  };
  return {
    input,
    output,
    text,
    raw: () => written,
    async press(shown, ...keys) {
      await appeared(shown);
      for (const key of keys) {
        since = written.length;
        input.write(typeof key === "string" ? SEQUENCES[key] : key.type);
        // The stream hands keys on in the next turn; two at once would be read as one paste.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}
