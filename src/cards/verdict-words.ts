import type { Run } from "../contracts/run.ts";
import type { Verdict } from "../contracts/verdict.ts";
import type { Translator } from "../i18n.ts";

/** The run's one answer, where its macro gives one and the run got that far. */
export function verdictIn(run: Run): Verdict | undefined {
  return run.status.kind === "completed" ? run.packets.verificationPacket?.verdict : undefined;
}

/** What the answer rests on, what blocks first. */
export function verdictLines(run: Run, words: Translator): string[] {
  const points = verdictIn(run)?.points ?? [];
  return points.map(({ treatment, text }) => words.t(`verdict.point.${treatment}`, { text }));
}
