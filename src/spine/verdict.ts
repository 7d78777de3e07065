import type { Severity } from "../contracts/finding.ts";
import type { Macro } from "../contracts/macro.ts";
import type { Run } from "../contracts/run.ts";
import type { Treatment, Treatments, Verdict } from "../contracts/verdict.ts";
import { keyed } from "../i18n.ts";
import { localized } from "./refusals.ts";
import { workspaceFindings, workspaceGaps } from "./steps/review.ts";

type Point = Verdict["points"][number];
type Judged = Omit<Point, "treatment"> & { readonly treatment: Treatment | undefined };

const BY_SEVERITY: Readonly<Record<Severity, Treatment | undefined>> = {
  critical: "blocker",
  high: "blocker",
  medium: "warning",
  low: "warning",
  info: undefined,
};
const ORDER: readonly Treatment[] = ["blocker", "warning", "accepted"];

/**
 * The one answer of a run: everything that was found, could not be checked or was left out, each treated as the
 * answers say, else as the macro says, else by its severity. «Ready» is said only of what was checked whole.
 */
export function verdictOf(run: Run, macro: Macro): Verdict | undefined {
  if (macro.verdict === undefined) return undefined;
  const { treats, ...texts } = macro.verdict;
  const treated = treatmentIn({ ...treats, ...run.packets.runHeader?.treats });
  const points = [
    ...workspaceFindings(run).map(({ laneId, code, text, severity }): Judged => ({
      laneId,
      text,
      treatment: severity === "info" ? undefined : treated(code, laneId, BY_SEVERITY[severity]),
    })),
    ...workspaceGaps(run).map(({ laneId, code, text }): Judged => ({
      laneId,
      text,
      treatment: treated(code, laneId, "warning"),
    })),
    ...unproven(run),
    ...leftOut(run, macro).map(({ laneId, text }): Judged => ({
      laneId,
      text,
      treatment: treated(laneId, laneId, "warning"),
    })),
  ].flatMap(({ treatment, ...rest }): Point[] => (treatment === undefined ? [] : [{ treatment, ...rest }]));
  const count = (wanted: Treatment): number => points.filter(({ treatment }) => treatment === wanted).length;
  const params = { blockers: count("blocker"), warnings: count("warning"), accepted: count("accepted") };
  const kind = params.blockers > 0 ? "blocked" : params.warnings > 0 ? "reservations" : "ready";
  return {
    kind,
    text: { kind: "localized", byLanguage: { ...texts[kind] }, params },
    points: points.toSorted((a, b) => ORDER.indexOf(a.treatment) - ORDER.indexOf(b.treatment)),
  };
}

function treatmentIn(treats: Treatments) {
  return (code: string, laneId: string, otherwise: Treatment | undefined): Treatment | undefined =>
    treats[code] ?? treats[laneId] ?? otherwise;
}

/** Work whose result could not be proven, and nothing could be done about it. */
function unproven(run: Run): Judged[] {
  return run.workFindings
    .filter(({ status }) => status.kind === "not_closable")
    .map(({ laneId, text }) => ({ laneId, text, treatment: "warning" }));
}

/** Parts of the macro that were not worked on. What is done by name only is no part of the check. */
function leftOut(run: Run, macro: Macro): Omit<Point, "treatment">[] {
  const omitted = run.packets.businessFlowBlueprintPacket?.omittedLanes ?? [];
  return macro.lanes
    .filter(({ id, keeps }) => keeps === undefined && run.lanes[id] === undefined)
    .map(({ id, title }) => {
      const reason = omitted.find(({ laneId }) => laneId === id)?.reason ?? keyed("gap.not_chosen");
      return { laneId: id, text: keyed("verdict.left_out", { lane: localized(title), reason }) };
    });
}
