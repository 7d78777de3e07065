/** What a run of the crash trial is made to go through; `redriven` fails for good until it is sent back. */
export type CrashPart = "plain" | "redriven" | "canceled";

/** Of five runs one fails and is sent back, and one is canceled. */
export function partOf(n: number): CrashPart {
  if (n % 5 === 2) return "redriven";
  return n % 5 === 4 ? "canceled" : "plain";
}

/** The worker of the lane `quick` looks for the word "brittle". */
export function goalOf(part: CrashPart): string {
  return part === "redriven" ? "please do the brittle crash check" : `please do the ${part} crash check`;
}

/** Events right after whose saving the bot is killed in turn, beside any other change. What is new goes here. */
export const WORST_MOMENTS = ["dead_letter.retried", "run.canceled"] as const;
