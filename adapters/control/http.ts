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
