import type { MacroQuality, OperationsDocument } from "../contracts/operations.ts";

/** So many of the last pieces of work stand by themselves. */
const RECENT = 20;
/** How much one more counts against all before it. */
const NEWEST_SHARE = 0.02;

const NEW: MacroQuality = { recent: "", failureRate: 0, samples: 0 };

/** The quality of macros with one more piece of work that ended. What leaves the recent ones joins the history. */
export function learnQuality(
  macros: OperationsDocument["macros"],
  macroId: string,
  endedWell: boolean,
): OperationsDocument["macros"] {
  const known = (Object.hasOwn(macros, macroId) ? macros[macroId] : undefined) ?? NEW;
  const all = `${known.recent}${endedWell ? "+" : "-"}`;
  const oldest = all.length > RECENT ? all[0] : undefined;
  const next = oldest === undefined ? known : withOlder(known, oldest === "-" ? 1 : 0);
  return { ...macros, [macroId]: { ...next, recent: all.slice(-RECENT) } };
}

function withOlder({ recent, failureRate, samples }: MacroQuality, failed: number): MacroQuality {
  const share = Math.max(NEWEST_SHARE, 1 / (samples + 1));
  return { recent, failureRate: failureRate + share * (failed - failureRate), samples: samples + 1 };
}
