import { z } from "zod";
import { isRecord } from "../../../src/is-record.ts";

/**
 * Would `next` be read back as it is? `before` was, and what is the same object in both is not looked at again: most of a
 * document stays as it is from one change to the next, and parsing all of it costs several times as much as saving it.
 */
export function readsBack(schema: z.core.$ZodType, before: unknown, next: unknown): boolean {
  if (Object.is(before, next)) return true;
  if (schema instanceof z.core.$ZodOptional && next !== undefined) {
    return readsBack(schema._zod.def.innerType, before, next);
  }
  // A check may be about the whole.
  if ((schema._zod.def.checks ?? []).length > 0) return isValid(schema, next);
  if (schema instanceof z.core.$ZodObject && isRecord(before) && isRecord(next)) {
    const { shape, catchall } = schema._zod.def;
    if (catchall !== undefined) return isValid(schema, next);
    return Object.entries(shape).every(([key, part]) => readsBack(part, before[key], next[key]));
  }
  if (schema instanceof z.core.$ZodArray && Array.isArray(before) && Array.isArray(next)) {
    const { element } = schema._zod.def;
    const known = new Set<unknown>(before);
    return next.every((item, at) => known.has(item) || readsBack(element, before[at], item));
  }
  return isValid(schema, next);
}

function isValid(schema: z.core.$ZodType, value: unknown): boolean {
  return z.core.safeParse(schema, value).success;
}
