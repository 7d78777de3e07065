import { mkdir, readdir } from "node:fs/promises";
import { isArchivable, RunDocument } from "../../../src/contracts/document.ts";
import { RunId } from "../../../src/contracts/id.ts";
import { InputError, parseAtDoor } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import { type Archive, pendingRunOf } from "./archive.ts";
import { createAuditFiles } from "./audit-file.ts";
import { type DiskCalls, type FlushFolder, removeTempFiles } from "../../files.ts";
import { commit, jsonFile, type JsonFile, refuseUnreadable, writeFailed } from "./durable-adapter.ts";
import type { Layout } from "./layout.ts";
import type { Quarantine } from "./quarantine.ts";
import { readsBack } from "./reads-back.ts";
import { createRounds } from "../../../src/rounds.ts";

/** So many documents are read side by side at the start. */
const READERS = 16;
/** So many entries of its audit trail a document may hold that are not in the file yet; each is in one of them at once. */
const UNFILED = 8;

/** Documents of runs: live ones in memory, archived ones on disk. Calls for one run must not overlap. */
export interface RunStore {
  /** The last durable document of a run that is not archived. */
  live(runId: RunId): RunDocument | undefined;
  allLive(): RunDocument[];
  readonly archivedCount: number;
  /** Reads an archived run; undefined where there is none. */
  readArchived(runId: RunId): Promise<RunDocument | undefined>;
  /**
   * Puts a document in the place of `before`, which is undefined for a new run. Resolves with what it is now, when that
   * is durable; rejects with the old one in place. Archives what is finished.
   */
  save(runId: RunId, document: RunDocument, before: RunDocument | undefined): Promise<RunDocument>;
  /** Resolves when the audit trails hold all that the documents know. */
  close(): Promise<void>;
}

interface StoreParts {
  readonly layout: Layout;
  readonly archive: Archive;
  readonly quarantine: Quarantine;
  readonly disk: DiskCalls;
  readonly flushFolder: FlushFolder;
  readonly log: Log;
}

/** Mends what a kill left behind, and loads the live runs. Archived runs cost one name each, and are not opened. */
export async function openRunStore(parts: StoreParts): Promise<RunStore> {
  const { layout, archive, quarantine, disk, flushFolder, log } = parts;
  const found = await scan(layout, archive);
  const live = new Map<RunId, JsonFile<RunDocument>>();
  const audit = createAuditFiles(disk);
  let archivedCount = found.archivedCount;

  const fileOf = (runId: RunId): JsonFile<RunDocument> =>
    jsonFile(layout.runFile(runId), (value) => parseDocument(runId, value), disk);

  const unreadable: { readonly runId: RunId; readonly cause: unknown }[] = [];

  const load = async (runId: RunId): Promise<void> => {
    await removeTempFiles(layout.runFolder(runId));
    const file = fileOf(runId);
    try {
      await file.read();
    } catch (cause) {
      if (cause instanceof InputError) await quarantine(layout.runFolder(runId), runId, cause);
      else unreadable.push({ runId, cause });
    }
    // Without a document the folder is from before the first save.
    if (file.data !== null) live.set(runId, file);
  };

  /** The document is durable and holds what is missing in the file, so a failure loses nothing: the next write mends it. */
  const isAudited = ({ run: { runId }, audit: head }: RunDocument): Promise<boolean> =>
    audit.catchUp(layout.runFolder(runId), head).then(
      () => true,
      (error: unknown) => {
        log.error({ runId, err: error }, "the audit trail could not be written; it is mended with the next change");
        return false;
      },
    );

  /** Runs whose file lags behind their document. */
  let unfiled = new Set<RunId>();
  /** Behind what people wait for, one run after the other: what a run adds meanwhile is written together. */
  const fileUnfiled = createRounds<undefined>(async () => {
    const due = unfiled;
    unfiled = new Set();
    for (const runId of due) {
      const document = live.get(runId)?.data ?? undefined;
      if (document !== undefined && !(await isAudited(document))) unfiled.add(runId);
    }
  });

  const withTrail = async (document: RunDocument, before: RunDocument | undefined): Promise<RunDocument> => {
    if (document.audit === undefined) return document;
    // The document of a finished run holds its last entry alone: nobody mends its file any more, and a cut is to show.
    const most = isArchivable(document) ? 1 : UNFILED;
    const folder = layout.runFolder(document.run.runId);
    return { ...document, audit: await audit.headFor(folder, before?.audit, document.audit, most) };
  };

  /** A run that cannot be moved stays live; the next start tries again. */
  const archiveIfDone = async (document: RunDocument): Promise<void> => {
    if (!isArchivable(document)) return;
    const { runId } = document.run;
    // What a crash left out is written before the folder moves; where that fails the run stays live.
    if (!(await isAudited(document))) return;
    const moved = await archive.put(document).then(
      () => true,
      async (error: unknown) => {
        log.error({ runId, err: error }, "a finished run could not be archived");
        return archive.heal(runId).catch(() => false);
      },
    );
    if (!moved) return;
    live.delete(runId);
    audit.forget(layout.runFolder(runId));
    archivedCount++;
  };

  /** Makes the place for a run that is not live yet. */
  const admit = async (runId: RunId): Promise<void> => {
    if (await archive.has(runId)) {
      await archive.takeBack(runId);
      archivedCount--;
      return;
    }
    await mkdir(layout.runFolder(runId), { recursive: true });
    await flushFolder(layout.runs);
  };

  const ids = found.runIds.values();
  const loadAll = async (): Promise<void> => {
    for (const runId of ids) await load(runId);
  };
  await Promise.all(Array.from({ length: READERS }, loadAll));
  for (const { runId, cause } of unreadable) {
    // Beside others that can be read it is this run's own trouble; where none can, the rights or the disk are wrong.
    if (live.size === 0) throw cause;
    await quarantine(layout.runFolder(runId), runId, cause);
  }

  const documents = (): RunDocument[] => [...live.values()].flatMap((file) => file.data ?? []);
  for (const document of documents()) await archiveIfDone(document);

  /** Archived documents are not looked at before they are asked for: a damaged one is put aside then. */
  const archived = async (runId: RunId): Promise<RunDocument | undefined> => {
    const file = fileOf(runId);
    try {
      await file.read();
    } catch (cause) {
      if (!(cause instanceof InputError) || !(await archive.has(runId))) throw cause;
      await archive.takeBack(runId);
      archivedCount--;
      await quarantine(layout.runFolder(runId), runId, cause);
      return undefined;
    }
    return file.data ?? undefined;
  };

  return {
    live: (runId) => live.get(runId)?.data ?? undefined,
    allLive: documents,
    get archivedCount() {
      return archivedCount;
    },
    readArchived: archived,
    async save(runId, wanted, before) {
      if (!readsBack(RunDocument, before, wanted) || wanted.run.runId !== runId) {
        refuseUnreadable((value) => parseDocument(runId, value), wanted);
      }
      const what = `The state of ${runId}`;
      const file = live.get(runId) ?? fileOf(runId);
      const document = await withTrail(wanted, before).catch((cause: unknown) => writeFailed(what, cause));
      if (!live.has(runId)) {
        if (isArchivable(document) && before !== undefined) {
          await commit(file, document, what);
          await isAudited(document);
          audit.forget(layout.runFolder(runId));
          return document;
        }
        await admit(runId).catch((cause: unknown) => writeFailed(what, cause));
      }
      await commit(file, document, what);
      live.set(runId, file);
      await archiveIfDone(document);
      if (live.has(runId)) {
        unfiled.add(runId);
        void fileUnfiled(undefined);
      }
      return document;
    },
    close: () => fileUnfiled(undefined),
  };
}

async function scan(layout: Layout, archive: Archive): Promise<{ runIds: RunId[]; archivedCount: number }> {
  const runIds = new Set<RunId>();
  const healed: RunId[] = [];
  let archivedCount = 0;
  for (const entry of await readdir(layout.runs, { withFileTypes: true })) {
    const pending = pendingRunOf(entry.name);
    if (pending !== undefined && (await archive.heal(pending))) healed.push(pending);
    else if (entry.isSymbolicLink() && pending === undefined) archivedCount++;
    else if (entry.isDirectory() && RunId.safeParse(entry.name).success) runIds.add(entry.name);
  }
  for (const runId of healed) runIds.delete(runId);
  return { runIds: [...runIds], archivedCount: archivedCount + healed.length };
}

function parseDocument(runId: RunId, value: unknown): RunDocument {
  const document = parseAtDoor(RunDocument, value, `The document of ${runId}`);
  if (document.run.runId === runId) return document;
  throw new InputError("engine.damaged_file", `The document of ${runId} is one of ${document.run.runId}.`);
}
