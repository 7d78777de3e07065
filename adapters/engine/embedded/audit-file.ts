import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { AuditEntry, OPERATIONS_TRAIL, type AuditHead } from "../../../src/contracts/audit.ts";
import { RunDocument } from "../../../src/contracts/document.ts";
import { RunId } from "../../../src/contracts/id.ts";
import { OperationsDocument } from "../../../src/contracts/operations.ts";
import { parseAtDoor } from "../../../src/errors.ts";
import { parseJson } from "./durable-adapter.ts";
import { DISK, isMissing, type DiskCalls } from "./disk.ts";
import { AUDIT_NAME, layoutOf, type Layout } from "./layout.ts";

/** No entry is longer: what is read of the end of the file, to see where it stands. */
const END_BYTES = 1024 * 1024;

/** The audit trails of runs and of the operations: one file beside each document, and only ever appended to. */
export interface AuditFiles {
  /**
   * Brings the file up to what the document holds, flushed. Costs the same however long the trail is. Called before
   * the next document takes the place of this one, so that the file lags behind by one write at most.
   */
  catchUp(folder: string, head: AuditHead | undefined): Promise<void>;
}

export function createAuditFiles(disk: DiskCalls = DISK): AuditFiles {
  /** Last number in a file, by folder; of runs that are written now. */
  const known = new Map<string, number>();
  return {
    async catchUp(folder, head) {
      if (head === undefined || head.tail.length === 0 || known.get(folder) === head.number) return;
      const path = join(folder, AUDIT_NAME);
      const file = await disk.open(path, "a+");
      try {
        const last = known.get(folder) ?? (await mendEnd(file));
        known.delete(folder);
        const missing = head.tail.filter(({ number }) => number > last);
        if (missing.length > 0) {
          await file.writeFile(missing.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
          await file.sync();
        }
      } finally {
        await file.close();
      }
      known.set(folder, head.number);
      const [oldest] = known.keys();
      if (known.size > 10_000 && oldest !== undefined) known.delete(oldest);
    },
  };
}

/** Takes away a line that a crash left half written, and says the last number. A damaged line is left as it is. */
async function mendEnd(file: Awaited<ReturnType<DiskCalls["open"]>>): Promise<number> {
  const { size } = await file.stat();
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
