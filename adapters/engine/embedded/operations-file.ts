import { EMPTY_OPERATIONS, OperationsDocument } from "../../../src/contracts/operations.ts";
import { InputError, parseAtDoor } from "../../../src/errors.ts";
import type { DiskCalls } from "./disk.ts";
import { commit, jsonFile, refuseUnreadable } from "./durable-adapter.ts";
import type { Layout } from "./layout.ts";
import type { Quarantine } from "./quarantine.ts";

const WHAT = "The operations document";

export interface OperationsFile {
  current(): OperationsDocument;
  save(next: OperationsDocument): Promise<void>;
}

/** Opens what belongs to no single run; a damaged file is put aside, and an empty document takes its place. */
export async function openOperations(layout: Layout, quarantine: Quarantine, disk: DiskCalls): Promise<OperationsFile> {
  const parse = (value: unknown): OperationsDocument => parseAtDoor(OperationsDocument, value, WHAT);
  const file = jsonFile(layout.operations, parse, disk);
  try {
    await file.read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await quarantine(layout.operations, "operations", error);
  }
  return {
    current: () => file.data ?? EMPTY_OPERATIONS,
    save: async (next) => {
      refuseUnreadable(parse, next);
      await commit(file, next, WHAT);
    },
  };
}
