/**
 * What a run of the crash trial is made to go through. `redriven` fails for good until it is sent back; `waived` is
 * blocked by a rule until an operator sets the rule aside.
 */
export const CRASH_PARTS = ["plain", "redriven", "canceled", "waived"] as const;
export type CrashPart = (typeof CRASH_PARTS)[number];

/** Moments at which the bot is killed for certain, each in turn. What is new goes here. */
export const WORST_MOMENTS = ["redrive", "cancel", "waiver"] as const;
export type WorstMoment = (typeof WORST_MOMENTS)[number];

/** The run in which such a moment comes. */
export const PART_WITH = {
  redrive: "redriven",
  cancel: "canceled",
  waiver: "waived",
} as const satisfies Record<WorstMoment, CrashPart>;

/** The worker of the lane `quick` looks for the word "brittle". */
export function goalOf(part: CrashPart): string {
  return part === "redriven" ? "please do the brittle crash check" : `please do the ${part} crash check`;
}

/** The rule in `policies.yaml` of the fixture binds nobody but "bound". */
export function userOf(part: CrashPart, n: number): string {
  return part === "waived" ? "bound" : `user-${n % 3}`;
}

/** Why the operator of the trial sets the rule aside. */
export const REASON = "the owner agreed";
