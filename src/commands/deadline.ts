/** When something is wanted: at a moment, or so many milliseconds after it is asked for. */
export type Deadline = { readonly deadline: number } | { readonly withinMs: number };

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/u;
const LONGEST_MS = 366 * UNITS_MS.d;

/**
 * `90m`, `2h`, `3d`, or a moment with its zone as in RFC 3339: `2026-05-01T17:00+02:00`. A time without a zone means
 * another moment to the bot than to the person, so it is not taken. Undefined for anything else.
 */
export function deadlineIn(text: string): Deadline | undefined {
  const [, count, unit] = /^(\d{1,6})([mhd])$/u.exec(text.trim()) ?? [];
  if (count !== undefined && (unit === "m" || unit === "h" || unit === "d")) {
    const withinMs = Number(count) * UNITS_MS[unit];
    return withinMs > 0 && withinMs <= LONGEST_MS ? { withinMs } : undefined;
  }
  if (!MOMENT.test(text.trim())) return undefined;
  const deadline = Date.parse(text.trim());
  return Number.isNaN(deadline) || deadline < 0 ? undefined : { deadline };
}
