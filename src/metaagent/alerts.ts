import type { Alert } from "../contracts/alert.ts";
import type { AlertRecord } from "../contracts/operations.ts";

/** So many alerts are remembered. */
export const ALERTS_KEPT = 1000;

/** The alerts after something was seen, and what of them is news. Pure. */
export interface AlertsAfter {
  readonly records: AlertRecord[];
  readonly raised: AlertRecord[];
  /** Over now. */
  readonly resolved: AlertRecord[];
  /** Better or worse than it was told. */
  readonly changed: AlertRecord[];
}

export type AlertStep = (records: readonly AlertRecord[]) => AlertsAfter;

function recordOf(alert: Alert): AlertRecord {
  return { ...alert, shown: [] };
}

/** Something happened: told once, however often its effect is delivered, also where it is over by now. */
export function raised(alerts: readonly Alert[]): AlertStep {
  return (records) => {
    const known = new Set(records.map(({ key }) => key));
    const fresh = alerts.filter(({ key }) => !known.has(key)).map(recordOf);
    return after(records, { raised: fresh });
  };
}

/** What happened was dealt with. */
export function dealtWith(key: string, at: number): AlertStep {
  return (records) =>
    after(records, { resolved: records.filter((record) => record.key === key && isOpen(record)).map(over(at)) });
}

/** All that the monitor sees now: what is new is told, what is gone is over, what stays is told once. */
export function seen(present: readonly Alert[], at: number): AlertStep {
  return (records) => {
    const open = records.filter((record) => record.standing === true && isOpen(record));
    const now = new Map(present.map((alert) => [alert.key, alert]));
    const known = new Set(open.map(({ key }) => key));
    return after(records, {
      raised: present.filter(({ key }) => !known.has(key)).map(recordOf),
      resolved: open.filter(({ key }) => !now.has(key)).map(over(at)),
      changed: open.flatMap((record) => {
        const alert = now.get(record.key);
        if (alert === undefined || alert.severity === record.severity) return [];
        return [{ ...record, severity: alert.severity, what: alert.what, todo: alert.todo }];
      }),
    });
  };
}

export function isOpen({ resolvedAt }: AlertRecord): boolean {
  return resolvedAt === undefined;
}

/** The message of an alert; one that comes again is another message. */
export function postKeyOf({ key, since }: Alert): string {
  return `alert/${key}/${since}`;
}

/** Those that are over are forgotten first: an open one that is forgotten would be told again, and never be over. */
function newestOf(records: readonly AlertRecord[]): AlertRecord[] {
  const tooMany = records.length - ALERTS_KEPT;
  if (tooMany <= 0) return [...records];
  const old = new Set(records.filter((record) => !isOpen(record)).slice(0, tooMany));
  return records.filter((record) => !old.has(record)).slice(-ALERTS_KEPT);
}

function over(at: number): (record: AlertRecord) => AlertRecord {
  return (record) => ({ ...record, resolvedAt: at });
}

function after(records: readonly AlertRecord[], news: Partial<Omit<AlertsAfter, "records">>): AlertsAfter {
  const { raised: fresh = [], resolved = [], changed = [] } = news;
  const instead = new Map([...resolved, ...changed].map((record) => [postKeyOf(record), record]));
  const kept = records.map((record) => instead.get(postKeyOf(record)) ?? record);
  return { records: newestOf([...kept, ...fresh]), raised: fresh, resolved, changed };
}
