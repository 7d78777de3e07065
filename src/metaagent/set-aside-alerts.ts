import type { Alert } from "../contracts/alert.ts";
import { raw } from "../contracts/text.ts";
import type { SetAside } from "../contracts/view.ts";
import { keyed } from "../i18n.ts";

/** State that was damaged is told once for each place that it was put: a run that is not listed would be missed by nobody. */
export function setAsideAlerts(aside: readonly SetAside[], now: number): Alert[] {
  return aside.map(({ name, folder, reason }) => ({
    key: `set_aside:${folder.slice(-180)}`,
    severity: "critical",
    since: now,
    what: keyed("alert.set_aside.what", { name, reason: raw(reason) }),
    todo: keyed("alert.set_aside.todo", { folder }),
  }));
}
