import type { Run } from "../contracts/run.ts";

/** The file as which a report is kept in the workspace; named after the run, so that no other is in its place. */
export function reportNameInWorkspace(run: Run): string {
  return `${run.packets.runHeader?.macroId ?? "report"}-${run.runId}.md`;
}
