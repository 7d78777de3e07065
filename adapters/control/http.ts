import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { InputError, messageOf } from "../../src/errors.ts";
import type { ControlError } from "./protocol.ts";

export function refuse(c: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return c.json({ code, message } satisfies ControlError, status);
}

/** Throws an InputError for a body that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError("input.json", `The body is not JSON: ${messageOf(error)}`, error);
  }
}

/** Undefined for bytes that are no UTF-8 (RFC 8259, 8.1): else a goal would be saved with � in place of its letters. */
export function strictUtf8(bytes: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
