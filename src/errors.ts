import { z } from "zod";

/**
 * An error with a stable code. `message` says what was expected, what came, and what to do.
 * Two kinds change behaviour: retryable (the same call may succeed later) and terminal (it will not).
 */
export class CoxswainError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CoxswainError";
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/**
 * Not its turn yet; nothing is wrong. Whoever asked asks again after `retryAfterMs`, with the state that holds then: so
 * edits of one card are gathered, and the last one is always written.
 */
export class BusyError extends CoxswainError {
  readonly retryAfterMs: number;

  constructor(code: string, message: string, retryAfterMs: number) {
    super(code, message, { retryable: true });
    this.name = "BusyError";
    this.retryAfterMs = retryAfterMs;
  }
}

/** An event that would break a gate of the spine; nothing was changed. */
export class GateError extends CoxswainError {
  constructor(code: string, message: string) {
    super(code, message);
    this.name = "GateError";
  }
}

/** Something from outside did not parse: usage or configuration, mended by the person who wrote it. */
export class InputError extends CoxswainError {
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { cause });
    this.name = "InputError";
  }
}

/** Parses what came through a door; throws an InputError that names every wrong place. */
export function parseAtDoor<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError("input.invalid", `${what} is not valid.\n${z.prettifyError(parsed.error)}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
