import type { EvolutionWritebackPacket } from "../contracts/packets/closing.ts";

/** meta-chrysalis: gathers what a run has taught, and decides what is written back (G33). */

/** What the run showed, by item of the checklist. Each entry says what was seen. */
export interface EvolutionSignals {
  /** 1: an agent's boundary or a gap in it. */
  readonly boundaryIssues: readonly string[];
  /** 2: a pattern that is worth a macro of its own. */
  readonly reusablePatterns: readonly string[];
  /** 3: a capability that nobody has. */
  readonly coverageGaps: readonly string[];
  /** 4: a gate or the protocol needs refinement. */
  readonly gateRefinements: readonly string[];
  /** 5: violations of the process, kept as scars. */
  readonly violations: readonly { readonly kind: string; readonly detail: string }[];
  /** 6: files of the configuration that the run changed. */
  readonly changedConfiguration: readonly string[];
  /** Has a person allowed to write into the configuration? Without it only a suggestion is left. */
  readonly mayWrite: boolean;
}

/** The six questions of the checklist, and where an answer "yes" would be written. */
const CHECKLIST = [
  { item: "agent boundary or gap", target: "config/agents", none: "no signal about an owner's boundary came in" },
  { item: "reusable pattern", target: "config/macros", none: "no signal of a new pattern came in" },
  { item: "capability coverage", target: "config/capability-index", none: "no signal of a missing capability came in" },
  { item: "gate or protocol", target: "config/policies.yaml", none: "no signal about a gate came in" },
  { item: "process violation", target: "learnings log", none: "no violation was recorded" },
  { item: "configuration changed", target: "config/schema", none: "the run reported no changed configuration file" },
] as const;

/** The writeback decision, with a reason for each item; without permission it stays a suggestion. */
export function decideWriteback(signals: EvolutionSignals): EvolutionWritebackPacket {
  const seen: readonly (readonly string[])[] = [
    signals.boundaryIssues,
    signals.reusablePatterns,
    signals.coverageGaps,
    signals.gateRefinements,
    signals.violations.map((scar) => `${scar.kind}: ${scar.detail}`),
    signals.changedConfiguration,
  ];
  const found = CHECKLIST.flatMap(({ target }, at) => {
    const what = seen[at] ?? [];
    return what.length === 0 ? [] : [{ target, what: what.join("; ") }];
  });
  const writes = signals.mayWrite && found.length > 0;
  return {
    writebackDecision: writes ? "writeback" : "none",
    targets: writes ? found.map(({ target, what }) => ({ target, change: what })) : [],
    decisionReason: CHECKLIST.map(({ item, none }, at) => {
      const what = seen[at] ?? [];
      if (what.length === 0) return { item, found: false, reason: none };
      const held = signals.mayWrite ? "" : "; only suggested, since nobody has allowed to write";
      return { item, found: true, reason: `${what.join("; ")}${held}` };
    }),
    scars: signals.violations.map(({ kind, detail }) => ({ kind, detail })),
    writebackSuggestion: writes ? [] : found.map(({ target, what }) => ({ target, rationale: what })),
  };
}
