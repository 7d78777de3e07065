import { EMPTY_OPERATIONS, OperationsDocument } from "../../../src/contracts/operations.ts";
import { InputError, parseAtDoor } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import { createAuditFiles } from "./audit-file.ts";
import { isMissing, type DiskCalls } from "../../files.ts";
import { commit, jsonFile, refuseUnreadable, writeFailed } from "./durable-adapter.ts";
import type { Layout } from "./layout.ts";
import type { Quarantine } from "./quarantine.ts";
import { readsBack } from "./reads-back.ts";

const WHAT = "The operations document";

export interface OperationsFile {
  current(): OperationsDocument;
  save(next: OperationsDocument): Promise<void>;
}

interface OperationsParts {
  readonly layout: Layout;
  readonly quarantine: Quarantine;
  readonly disk: DiskCalls;
  readonly log: Log;
}

/** Opens what belongs to no single run; a damaged file is put aside, and an empty document takes its place. */
export async function openOperations({ layout, quarantine, disk, log }: OperationsParts): Promise<OperationsFile> {
  const parse = (value: unknown): OperationsDocument => parseAtDoor(OperationsDocument, value, WHAT);
  const file = jsonFile(layout.operations, parse, disk);
  const audit = createAuditFiles(disk);
  try {
    await file.read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await quarantine(layout.operations, "operations", error);
    // A new document begins a new trail; the old one stays together with what knew its end.
    await quarantine(layout.audit, "operations", error).catch((cause: unknown) => {
      if (!isMissing(cause)) throw cause;
    });
  }
  return {
    current: () => file.data ?? EMPTY_OPERATIONS,
    save: async (next) => {
      if (!readsBack(OperationsDocument, file.data, next)) refuseUnreadable(parse, next);
      const trail =
        next.audit === undefined
          ? undefined
          : await audit
              .headFor(layout.root, file.data?.audit, next.audit, 1)
              .catch((cause: unknown) => writeFailed(WHAT, cause));
      await commit(file, trail === undefined ? next : { ...next, audit: trail }, WHAT);
      await audit
        .catchUp(layout.root, trail)
        .catch((error: unknown) =>
          log.error({ err: error }, "the audit trail could not be written; it is mended with the next change"),
        );
    },
  };
}
