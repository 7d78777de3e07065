import type { OperationsDocument } from "../contracts/operations.ts";
import { ownerKey } from "../governance/librarian.ts";

/** So many of the last times are remembered; `OwnerRecord` holds no more. */
const RECENT = 10;
/** Owners of lanes that are remembered; past it the one that was not seen for longest is forgotten. */
const OWNERS_LIMIT = 2000;

/** The hits and misses with one more: `owner` did the work of a macro's lane, or failed at it. */
export function learnOwner(
  owners: OperationsDocument["owners"],
  { macroId, laneId, owner, at }: { macroId: string; laneId: string; owner: string; at: number },
  didIt: boolean,
): OperationsDocument["owners"] {
  const key = ownerKey(macroId, laneId, owner);
  const { [key]: known, ...others } = owners;
  const recent = `${known?.recent ?? ""}${didIt ? "+" : "-"}`.slice(-RECENT);
  const kept = Object.entries(others).slice(-(OWNERS_LIMIT - 1));
  return Object.fromEntries([...kept, [key, { recent, at }]]);
}
