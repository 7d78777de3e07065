import type { QueueEntry } from "../../../src/contracts/document.ts";
import type { Admission } from "../../../src/ports.ts";

type Group = QueueEntry["groups"][number];

/** How many leases each concurrency group has now. */
export interface GroupLimits {
  /** True while every group of the entry is below the limit that the entry names; else the first that is full. */
  admit(entry: QueueEntry): Admission;
  enter(entry: QueueEntry): void;
  leave(entry: QueueEntry): void;
}

/** Groups that count holders, such as the runs that write in a workspace, hold each of them once. */
export function createGroupLimits(): GroupLimits {
  /** By group, then by who holds a place there, with the number of leases behind it. */
  const members = new Map<string, Map<string, number>>();
  const holderOf = ({ holder }: Group, { dispatchId }: QueueEntry): string => holder ?? dispatchId;
  const isFull = (group: Group, entry: QueueEntry): boolean => {
    const holders = members.get(group.name);
    return holders !== undefined && holders.size >= group.limit && !holders.has(holderOf(group, entry));
  };
  return {
    admit(entry) {
      const full = entry.groups.find((group) => isFull(group, entry));
      if (full === undefined) return true;
      // Full for this holder only: the next entry of the group may be the one that holds it.
      return full.holder === undefined ? { full: full.name } : false;
    },
    enter(entry) {
      for (const group of entry.groups) {
        const holders = members.get(group.name) ?? new Map<string, number>();
        const holder = holderOf(group, entry);
        members.set(group.name, holders.set(holder, (holders.get(holder) ?? 0) + 1));
      }
    },
    leave(entry) {
      for (const group of entry.groups) {
        const holders = members.get(group.name);
        const holder = holderOf(group, entry);
        const left = (holders?.get(holder) ?? 0) - 1;
        if (left > 0) holders?.set(holder, left);
        else holders?.delete(holder);
        if (holders?.size === 0) members.delete(group.name);
      }
    },
  };
}
