import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { AuditEntry, OPERATIONS_TRAIL, type AuditHead } from "../../../src/contracts/audit.ts";
import { RunDocument } from "../../../src/contracts/document.ts";
import { RunId } from "../../../src/contracts/id.ts";
import { OperationsDocument } from "../../../src/contracts/operations.ts";
import { parseAtDoor } from "../../../src/errors.ts";
import { parseJson } from "./durable-adapter.ts";
import { DISK, isMissing, type DiskCalls } from "../../files.ts";
import { AUDIT_NAME, layoutOf, type Layout } from "./layout.ts";
import { createSerial } from "../../../src/serial.ts";

/** No entry is longer: what is read of the end of the file, to see where it stands. */
const END_BYTES = 1024 * 1024;

/** The audit trails of runs and of the operations: one file beside each document, and only ever appended to. */
export interface AuditFiles {
  /**
   * The head as the next document is to hold it: without the entries that are safe in the file. Brings the file up to
   * `before`, the last durable head, where more than `most` entries would be left to the document alone.
   */
  headFor(folder: string, before: AuditHead | undefined, next: AuditHead, most: number): Promise<AuditHead>;
  /** Brings the file up to a durable head, flushed. Costs the same however long the trail is. */
  catchUp(folder: string, head: AuditHead | undefined): Promise<void>;
  /** Of a folder that is written no more. */
  forget(folder: string): void;
}

export function createAuditFiles(disk: DiskCalls = DISK): AuditFiles {
  /** Last number that is durable in a file, by folder; of runs that are written now. */
  const known = new Map<string, number>();
  const turns = createSerial();

  const append = async (folder: string, { number: end, tail }: AuditHead): Promise<void> => {
    const before = known.get(folder);
    if (tail.length === 0 || (before !== undefined && before >= end)) return;
    const file = await disk.open(join(folder, AUDIT_NAME), "a+");
    try {
      const last = before ?? (await mendEnd(file));
      known.delete(folder);
      const missing = tail.filter(({ number }) => number > last);
      if (missing.length > 0) {
        await file.writeFile(missing.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
        await file.sync();
      }
    } finally {
      await file.close();
    }
    known.set(folder, end);
    const [oldest] = known.keys();
    if (known.size > 10_000 && oldest !== undefined) known.delete(oldest);
  };
  const catchUp: AuditFiles["catchUp"] = async (folder, head) => {
    if (head !== undefined) await turns.run(folder, () => append(folder, head));
  };
  const unkept = (folder: string, { tail }: AuditHead): AuditHead["tail"] => {
    const kept = known.get(folder) ?? 0;
    return tail.filter(({ number }) => number > kept);
  };

  return {
    catchUp,
    async headFor(folder, before, next, most) {
      if (unkept(folder, next).length > most) await catchUp(folder, before);
      return { ...next, tail: unkept(folder, next) };
    },
    forget: (folder) => void known.delete(folder),
  };
}

/** Takes away a line that a crash left half written, and says the last number. A damaged line is left as it is. */
async function mendEnd(file: Awaited<ReturnType<DiskCalls["open"]>>): Promise<number> {
  const { size } = await file.stat();
  if (size === 0) return 0;
  const from = Math.max(0, size - END_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const text = buffer.subarray(0, bytesRead).toString("utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole !== text) await file.truncate(from + Buffer.byteLength(whole));
  const line = whole.trimEnd().split("\n").at(-1) ?? "";
  try {
    return AuditEntry.parse(JSON.parse(line)).number;
  } catch {
    return 0;
  }
}

/** A trail as it lies on the disk, and what the document beside it knows of it. */
export interface StoredTrail {
  readonly lines: readonly string[];
  readonly head: AuditHead | undefined;
}

/**
 * The trail of a run, or `operations`. Reads beside the bot, and changes nothing: read again where the document moved
 * on meanwhile. Undefined: no such run.
 */
export async function readTrail(root: string, id: RunId): Promise<StoredTrail | undefined> {
  const layout = layoutOf(root);
  for (let tries = 0; ; tries += 1) {
    const before = await documentOf(layout, id);
    if (before === undefined && id !== OPERATIONS_TRAIL) return undefined;
    const text = (id === OPERATIONS_TRAIL ? await textOf(layout.audit) : await textOfRun(layout, id, AUDIT_NAME)) ?? "";
    const after = await documentOf(layout, id);
    // Half a line at the end is one that is being written, or that a crash left: the document has it whole.
    const lines = text.split("\n").slice(0, -1);
    if (after?.audit?.number === before?.audit?.number || tries > 20) return { lines, head: after?.audit };
  }
}

/** The trails of a state root: that of the operations where something stands in it, and those of runs, also archived. */
export async function trailsIn(root: string): Promise<string[]> {
  const names = await readdir(layoutOf(root).runs).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const operations = await readTrail(root, OPERATIONS_TRAIL);
  const isKept = operations?.head !== undefined || (operations?.lines.length ?? 0) > 0;
  return [...(isKept ? [OPERATIONS_TRAIL] : []), ...names.filter((name) => RunId.safeParse(name).success)];
}

async function documentOf(layout: Layout, id: RunId): Promise<{ audit?: AuditHead | undefined } | undefined> {
  const isRun = id !== OPERATIONS_TRAIL;
  const path = isRun ? layout.runFile(id) : layout.operations;
  const text = isRun ? await textOfRun(layout, id, basename(path)) : await textOf(path);
  if (text === undefined) return undefined;
  return parseAtDoor(isRun ? RunDocument : OperationsDocument, parseJson(text, path), `The document ${path}`);
}

/** While a run is moved into the archive or back, it stands behind its pending link alone for a moment. */
async function textOfRun(layout: Layout, id: RunId, name: string): Promise<string | undefined> {
  for (const folder of [layout.runFolder(id), layout.pendingLink(id), layout.runFolder(id)]) {
    const text = await textOf(join(folder, name));
    if (text !== undefined) return text;
  }
  return undefined;
}

function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}
