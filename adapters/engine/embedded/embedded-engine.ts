import type { OperationsDocument } from "../../../src/contracts/operations.ts";
import type { RunDocument } from "../../../src/contracts/document.ts";
import { CoxswainError, InputError, messageOf } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import type { SetAside } from "../../../src/contracts/view.ts";
import type { Clock, Engine, ReadyQueue } from "../../../src/ports.ts";
import { createArchive } from "./archive.ts";
import { createArchiveIndex } from "./archive-index.ts";
import { createFolderFlush, DISK, type DiskCalls, makeFolder, removeTempFiles } from "../../files.ts";
import { createDispatcher } from "./dispatcher.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { openOperations } from "./operations-file.ts";
import { createQuarantine, setAsideIn } from "./quarantine.ts";
import { lockRoot, type RootLock } from "./root-lock.ts";
import { listRuns } from "./run-list.ts";
import { openRunStore } from "./run-store.ts";
import { createSerial } from "../../../src/serial.ts";

export interface EmbeddedEngineOptions {
  /** The profile's state folder, `.meta-kim/state/<profile>`; made where it is missing. */
  readonly root: string;
  /** The fair order. As a function it is given the saved shares first: entries are offered before this resolves. */
  readonly queue: ReadyQueue | ((operations: OperationsDocument) => ReadyQueue);
  readonly clock: Clock;
  readonly log: Log;
  /** How long a piece of work runs before its tenant is charged for more than was expected; then each such time again. */
  readonly sliceMs?: number;
  /** For tests of a full or broken disk. */
  readonly disk?: DiskCalls;
}

const SLICE_MS = 30_000;

/** The key in the serial of what belongs to no run; no run id looks like it. */
const OPERATIONS = "operations";

/**
 * The engine of one process: one durable file a run, live runs in memory, finished ones in an archive.
 * Throws `engine.root_in_use` where another process owns the root.
 */
export async function createEmbeddedEngine(options: EmbeddedEngineOptions): Promise<Engine> {
  const layout = layoutOf(options.root);
  const lock = await takeRoot(layout, options.clock.now());
  try {
    return await openEngine(options, layout, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Makes the folder where it is missing. Throws `engine.root_unusable` where it cannot be. */
export function makeStateRoot(root: string): Promise<void> {
  return usable(layoutOf(root), (layout) => makeFolder(layout.root));
}

function takeRoot(layout: Layout, now: number): Promise<RootLock> {
  return usable(layout, async () => {
    for (const folder of [layout.runs, layout.archive, layout.quarantine]) await makeFolder(folder);
    return lockRoot(layout.lock, now);
  });
}

async function usable<T>(layout: Layout, use: (layout: Layout) => Promise<T>): Promise<T> {
  try {
    return await use(layout);
  } catch (error) {
    if (error instanceof CoxswainError) throw error;
    // Node says "no such file" of a folder on a read-only disk, which sends people looking in the wrong place.
    throw new InputError(
      "engine.root_unusable",
      `The state folder ${layout.root} cannot be written (${messageOf(error)}). Make it writable, or name another one with --state-root.`,
      error,
    );
  }
}

async function openEngine(options: EmbeddedEngineOptions, layout: Layout, lock: RootLock): Promise<Engine> {
  const { clock, log, disk = DISK } = options;
  await removeTempFiles(layout.root);
  const aside: SetAside[] = [];
  const quarantine = createQuarantine(layout, log, (each) => aside.push(each));
  const operations = await openOperations({ layout, quarantine, disk, log });
  const index = createArchiveIndex(layout.archive, log);
  const flushFolder = createFolderFlush(disk);
  const archive = createArchive(layout, index, flushFolder);
  const store = await openRunStore({ layout, archive, quarantine, disk, flushFolder, log });
  const dispatcher = createDispatcher({
    queue: typeof options.queue === "function" ? options.queue(operations.current()) : options.queue,
    clock,
    log,
    sliceMs: options.sliceMs ?? SLICE_MS,
    saved: ({ runId, dispatchId }) => store.live(runId)?.queue.find((entry) => entry.dispatchId === dispatchId),
  });
  for (const document of store.allLive()) for (const entry of document.queue) dispatcher.offer(entry);

  const serial = createSerial();
  const listeners = new Set<(document: RunDocument) => void>();
  let closed = false;
  let closing: Promise<void> | undefined;

  const refuseWhenClosed = (): void => {
    if (closed) throw new CoxswainError("engine.closed", "The engine is closed; open the state folder again.");
  };
  const publish = (document: RunDocument): void => {
    for (const listener of listeners) {
      try {
        listener(document);
      } catch (error) {
        log.error({ runId: document.run.runId, err: error }, "a listener of commits failed");
      }
    }
  };

  const shutDown = async (): Promise<void> => {
    // Handlers may still save how far they came.
    await dispatcher.stop();
    closed = true;
    await serial.idle();
    await store.close();
    await lock.release();
  };

  return {
    async transact(runId, change) {
      refuseWhenClosed();
      return serial.run(runId, async () => {
        const before = store.live(runId) ?? (await store.readArchived(runId));
        const { document: wanted, result } = change(before);
        if (wanted === undefined) return result;
        const document = await store.save(runId, wanted, before);
        dispatcher.reconcile(before?.queue ?? [], document.queue);
        publish(document);
        return result;
      });
    },
    async read(runId) {
      refuseWhenClosed();
      // Under the lock, since an archived run may just be moving.
      return store.live(runId) ?? serial.run(runId, async () => store.live(runId) ?? store.readArchived(runId));
    },
    async liveRuns() {
      refuseWhenClosed();
      return store.allLive().map((document) => document.run.runId);
    },
    async list(filter) {
      refuseWhenClosed();
      return listRuns(store, index, filter);
    },
    operations() {
      refuseWhenClosed();
      return operations.current();
    },
    setAside: () => [...aside],
    async setAsideOf(runId) {
      refuseWhenClosed();
      return setAsideIn(layout, runId);
    },
    async transactOperations(change) {
      refuseWhenClosed();
      await serial.run(OPERATIONS, async () => {
        const before = operations.current();
        const after = change(before);
        if (after !== before) await operations.save(after);
      });
    },
    work(handler, workOptions) {
      refuseWhenClosed();
      dispatcher.work(handler, workOptions);
    },
    hold: () => dispatcher.hold(),
    open: () => dispatcher.open(),
    revoke: (dispatchId) => dispatcher.revoke(dispatchId),
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    queue: (limit) => dispatcher.queue(limit),
    stop: () => dispatcher.stop(),
    close: () => (closing ??= shutDown()),
  };
}
