import type { Text } from "../../contracts/text.ts";
import { keyed } from "../../i18n.ts";
import type { RunFacts } from "../run-facts.ts";

/** Why the first possible option is recommended where nothing more telling is known: what was seen. */
export function evidenceReason({ evidence, lanes }: RunFacts): Text {
  const { trackedFiles, history } = evidence;
  return keyed("reason.general", { files: trackedFiles, commits: history.commits, count: lanes.length });
}
