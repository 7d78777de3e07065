import type { QueueEntry } from "../../../src/contracts/document.ts";
import type { Admission } from "../../../src/ports.ts";

/** How many leases each concurrency group has now. */
export interface GroupLimits {
  /** True while every group of the entry is below the limit that the entry names; else the first that is full. */
  admit(entry: QueueEntry): Admission;
  enter(entry: QueueEntry): void;
  leave(entry: QueueEntry): void;
}

export function createGroupLimits(): GroupLimits {
  const members = new Map<string, number>();
  const count = (name: string): number => members.get(name) ?? 0;
  return {
    admit(entry) {
      const full = entry.groups.find(({ name, limit }) => count(name) >= limit);
      return full === undefined || { full: full.name };
    },
    enter(entry) {
      for (const { name } of entry.groups) members.set(name, count(name) + 1);
    },
    leave(entry) {
      for (const { name } of entry.groups) {
        if (count(name) > 1) members.set(name, count(name) - 1);
        else members.delete(name);
      }
    },
  };
}
