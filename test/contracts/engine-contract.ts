import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OPERATIONS_TRAIL, type AuditHead } from "../../src/contracts/audit.ts";
import type { QueueEntry, RunDocument } from "../../src/contracts/document.ts";
import type { RunId } from "../../src/contracts/id.ts";
import { EMPTY_OPERATIONS } from "../../src/contracts/operations.ts";
import { chained, verifyTrail } from "../../src/metaagent/audit.ts";
import type { Engine, Lease } from "../../src/ports.ts";
import type { FakeClock } from "../fakes/fake-clock.ts";
import { aQueueEntry, aRunDocument } from "../fixtures/run-document.ts";
import { eventually } from "../fixtures/eventually.ts";

/** One state, opened as often as a test likes. */
export interface EngineHarness {
  readonly clock: FakeClock;
  /** Opens the state, which is empty at first; the engine that was open before must be closed. */
  open(): Promise<Engine>;
  /** The audit trail of a run, or of `operations`, and what the document beside it knows of its end. */
  trail(id: string): Promise<{ readonly lines: readonly string[]; readonly head: AuditHead | undefined }>;
  /** Takes the last entry out of the stored trail, and leaves the document as it is. */
  loseLastEntry(id: string): Promise<void>;
  /** Closes what is open and removes the state. */
  dispose(): Promise<void>;
}

const RUN = "run_aaaaaaaa";
const EVERYTHING = { limit: 1000, offset: 0 };
const LONG_ENOUGH_MS = 3_600_000;

/** What every engine does, whatever it stands on. */
export function describeEngineContract(name: string, createHarness: () => Promise<EngineHarness>): void {
  describe(`${name} keeps the contract of an engine`, () => {
    let harness: EngineHarness;
    let engine: Engine;

    beforeEach(async () => {
      harness = await createHarness();
      engine = await harness.open();
    });
    afterEach(() => harness.dispose());

    const reopen = async (): Promise<void> => {
      await engine.close();
      engine = await harness.open();
    };
    const save = (document: RunDocument): Promise<void> =>
      engine.transact(document.run.runId, () => ({ document, result: undefined }));
    const update = (runId: RunId, change: (document: RunDocument) => RunDocument): Promise<void> =>
      engine.transact(runId, (document) => ({ document: change(present(document)), result: undefined }));
    const saveQueue = (...queue: QueueEntry[]): Promise<void> => save(aRunDocument({ queue }));
    const finishQueued = ({ runId, dispatchId }: QueueEntry): Promise<void> =>
      update(runId, (document) => ({
        ...document,
        queue: document.queue.filter((entry) => entry.dispatchId !== dispatchId),
      }));

    /** A handler that holds every lease until it is told to let it go. */
    const workByHand = (slots: number, accepts: (entry: QueueEntry) => boolean = () => true) => {
      const leases: Lease[] = [];
      const gates = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
      engine.work(
        (lease) => {
          leases.push(lease);
          return new Promise<void>((resolve, reject) => {
            gates.set(lease.entry.dispatchId, { resolve, reject });
            lease.signal.addEventListener("abort", () => reject(lease.signal.reason as Error));
          });
        },
        { slots, accepts },
      );
      return {
        leases,
        ids: () => leases.map(({ entry }) => entry.dispatchId),
        end: (dispatchId: string) => gates.get(dispatchId)?.resolve(),
        fail: (dispatchId: string) => gates.get(dispatchId)?.reject(new Error("the handler failed")),
      };
    };
    const settled = (): Promise<void> => eventually(() => expect(engine.queue(10).leased).toEqual([]));

    describe("documents", () => {
      it("puts no run aside whose document is whole, and knows of none that never was", async () => {
        await save(aRunDocument());
        await reopen();
        expect(engine.setAside()).toEqual([]);
        expect(await engine.setAsideOf(RUN)).toBeUndefined();
        expect(await engine.setAsideOf("run_nobodyknows")).toBeUndefined();
      });

      it("reads a saved document back after it was opened again", async () => {
        const document = aRunDocument({ inbox: ["cmd_1"] });
        await save(document);
        expect(await engine.read(RUN)).toEqual(document);
        await reopen();
        expect(await engine.read(RUN)).toEqual(document);
      });

      it("knows nothing of a run that was never saved", async () => {
        expect(await engine.read(RUN)).toBeUndefined();
        expect(await engine.transact(RUN, (document) => ({ result: document }))).toBeUndefined();
        expect(await engine.liveRuns()).toEqual([]);
      });

      it("saves nothing when the change throws", async () => {
        const document = aRunDocument();
        await save(document);
        const refused = engine.transact(RUN, () => {
          throw new Error("this event breaks a gate");
        });
        await expect(refused).rejects.toThrow("this event breaks a gate");
        expect(await engine.read(RUN)).toEqual(document);
      });

      it("saves nothing and tells nobody when the change has no document", async () => {
        const seen = vi.fn<(document: RunDocument) => void>();
        await save(aRunDocument());
        engine.onCommit(seen);
        expect(await engine.transact(RUN, (document) => ({ result: document?.run.version }))).toBe(1);
        expect(seen).not.toHaveBeenCalled();
      });

      it("refuses a document that could not be read back", async () => {
        await expect(save(aRunDocument({ run: { version: 0 } }))).rejects.toMatchObject({
          code: "engine.invalid_document",
        });
        expect(await engine.read(RUN)).toBeUndefined();
      });

      it("lets a hundred changes of one run happen one after the other", async () => {
        await save(aRunDocument());
        await Promise.all(Array.from({ length: 100 }, () => update(RUN, nextVersion)));
        expect((await engine.read(RUN))?.run.version).toBe(101);
        await reopen();
        expect((await engine.read(RUN))?.run.version).toBe(101);
      });

      it("tells of every commit in order, even where another listener throws", async () => {
        const versions: number[] = [];
        engine.onCommit(() => {
          throw new Error("this listener is broken");
        });
        const stopListening = engine.onCommit((document) => versions.push(document.run.version));
        await save(aRunDocument());
        await Promise.all([update(RUN, nextVersion), update(RUN, nextVersion)]);
        stopListening();
        await update(RUN, nextVersion);
        expect(versions).toEqual([1, 2, 3]);
      });
    });

    describe("the operations document", () => {
      it("is empty at first, and is read back after it was opened again", async () => {
        expect(engine.operations()).toEqual(EMPTY_OPERATIONS);
        await engine.transactOperations((document) => ({ ...document, virtualTime: 42 }));
        expect(engine.operations().virtualTime).toBe(42);
        await reopen();
        expect(engine.operations().virtualTime).toBe(42);
      });

      it("loses none of many changes at once", async () => {
        const add = () =>
          engine.transactOperations((document) => ({ ...document, virtualTime: document.virtualTime + 1 }));
        await Promise.all(Array.from({ length: 20 }, add));
        expect(engine.operations().virtualTime).toBe(20);
      });
    });

    describe.each([RUN, OPERATIONS_TRAIL])("the audit trail of %s", (trailId) => {
      let count = 0;
      const add = (): Promise<void> => {
        count += 1;
        const note = { at: count, id: `event_${count}`, what: "run.started", version: 1, detail: {} };
        if (trailId !== OPERATIONS_TRAIL) {
          return update(RUN, (document) => ({ ...document, audit: chained(document.audit, note) }));
        }
        return engine.transactOperations((document) => ({ ...document, audit: chained(document.audit, note) }));
      };
      const verdict = async () => {
        const { lines, head } = await harness.trail(trailId);
        return verifyTrail(lines, head);
      };
      beforeEach(async () => {
        await save(aRunDocument());
        for (let n = 0; n < 20; n++) await add();
      });

      it("holds every entry that a document ended with, also after it was opened again", async () => {
        await reopen();
        expect(await verdict()).toMatchObject({ fault: undefined, mendable: 0 });
        await add();
        const { entries, fault } = await verdict();
        expect([fault, entries.map(({ number }) => number)]).toEqual([
          undefined,
          Array.from({ length: 21 }, (_, at) => at + 1),
        ]);
      });

      it("lacks only what the document holds after a crash, which is no tampering, and has it again later", async () => {
        await engine.close();
        await harness.loseLastEntry(trailId);
        engine = await harness.open();
        expect(await verdict()).toMatchObject({ fault: undefined, mendable: 1 });
        await add();
        await reopen();
        const { entries, fault, mendable } = await verdict();
        expect([fault, mendable, entries.length]).toEqual([undefined, 0, 21]);
      });

      it("shows that its end was cut off, also after the next change", async () => {
        await engine.close();
        for (let lost = 0; lost < 12; lost++) await harness.loseLastEntry(trailId);
        engine = await harness.open();
        expect((await verdict()).fault).toEqual({ kind: "cut", number: 9 });
        await add();
        await reopen();
        expect((await verdict()).fault?.number).toBe(9);
      });
    });

    describe("leases", () => {
      it("are handed out in the order of the queue, no more than there are slots", async () => {
        const work = workByHand(2);
        await saveQueue(entry(1), entry(2), entry(3));
        await eventually(() => expect(work.ids()).toEqual([id(1), id(2)]));
        expect(engine.queue(10)).toEqual({ waiting: [entry(3)], leased: [entry(1), entry(2)], waitingTotal: 1 });
        await finishQueued(entry(1));
        work.end(id(1));
        await eventually(() => expect(work.ids()).toEqual([id(1), id(2), id(3)]));
      });

      it("go to what the handler accepts, and leave the rest in the queue", async () => {
        const work = workByHand(5, ({ flow }) => flow === "mine");
        await saveQueue(entry(1, { flow: "theirs" }), entry(2, { flow: "mine" }));
        await eventually(() => expect(work.ids()).toEqual([id(2)]));
        expect(engine.queue(10).waiting).toEqual([entry(1, { flow: "theirs" })]);
      });

      it("are one at most for a dispatch, however often its run is saved", async () => {
        const work = workByHand(5);
        await saveQueue(entry(1));
        await eventually(() => expect(work.ids()).toEqual([id(1)]));
        await saveQueue(entry(1, { order: 7 }));
        await saveQueue();
        await saveQueue(entry(1));
        await saveQueue(entry(1), entry(2));
        await eventually(() => expect(work.ids()).toEqual([id(1), id(2)]));
        expect(engine.queue(10).leased).toEqual([entry(1), entry(2)]);
      });

      it("are never given for an entry that was withdrawn", async () => {
        await saveQueue(entry(1), entry(2));
        await saveQueue(entry(2));
        const work = workByHand(5);
        await eventually(() => expect(work.ids()).toEqual([id(2)]));
        expect(engine.queue(10).waitingTotal).toBe(0);
      });

      it("stay below the limit of each group", async () => {
        const narrow = { groups: [{ name: "workspace:/w", limit: 1 }] };
        const work = workByHand(5);
        await saveQueue(entry(1, narrow), entry(2, narrow), entry(3));
        await eventually(() => expect(work.ids()).toEqual([id(1), id(3)]));
        await finishQueued(entry(1));
        work.end(id(1));
        await eventually(() => expect(work.ids()).toEqual([id(1), id(3), id(2)]));
      });

      it("wait for the time that an entry asks for", async () => {
        const later = entry(1, { notBefore: harness.clock.now() + 60_000 });
        const work = workByHand(5);
        await saveQueue(later, entry(2));
        await eventually(() => expect(work.ids()).toEqual([id(2)]));
        expect(engine.queue(10)).toMatchObject({ waiting: [later], waitingTotal: 1 });
        harness.clock.advance(59_999);
        await update(RUN, nextVersion);
        expect(work.ids()).toEqual([id(2)]);
        harness.clock.advance(1);
        await eventually(() => expect(work.ids()).toEqual([id(2), id(1)]));
      });

      it("follow an entry whose time was moved", async () => {
        await saveQueue(entry(1, { notBefore: harness.clock.now() + 60_000 }));
        const work = workByHand(5);
        await saveQueue(entry(1));
        await eventually(() => expect(work.ids()).toEqual([id(1)]));
      });

      it("are given again when the process ended before the result was saved", async () => {
        await saveQueue(entry(1));
        const first = workByHand(5);
        await eventually(() => expect(first.ids()).toEqual([id(1)]));
        await reopen();
        const second = workByHand(5);
        await eventually(() => expect(second.ids()).toEqual([id(1)]));
      });

      it("are given again after a pause when the handler failed", async () => {
        const work = workByHand(5);
        await saveQueue(entry(1));
        await eventually(() => expect(work.ids()).toHaveLength(1));
        work.fail(id(1));
        await settled();
        await update(RUN, nextVersion);
        expect(work.ids()).toHaveLength(1);
        expect(engine.queue(10).waiting).toEqual([entry(1)]);
        harness.clock.advance(LONG_ENOUGH_MS);
        await eventually(() => expect(work.ids()).toHaveLength(2));
      });

      it("pause longer after each failure", async () => {
        const work = workByHand(5);
        await saveQueue(entry(1));
        const pauses: number[] = [];
        for (let failures = 1; failures <= 4; failures++) {
          await eventually(() => expect(work.ids()).toHaveLength(failures));
          work.fail(id(1));
          await settled();
          const failedAt = harness.clock.now();
          while (engine.queue(10).leased.length === 0) {
            harness.clock.advance(500);
            await Promise.resolve();
          }
          pauses.push(harness.clock.now() - failedAt);
        }
        expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
        expect(new Set(pauses).size).toBe(pauses.length);
      });

      it("do not spin when a handler leaves its entry as it was", async () => {
        let leases = 0;
        engine.work(async () => void leases++, { slots: 1, accepts: () => true });
        await saveQueue(entry(1));
        await eventually(() => expect(leases).toBe(1));
        await settled();
        await update(RUN, nextVersion);
        expect(leases).toBe(1);
      });

      it("are given again at the time that the handler's own commit asks for", async () => {
        const work = workByHand(5);
        await saveQueue(entry(1));
        await eventually(() => expect(work.ids()).toHaveLength(1));
        const retry = entry(1, { notBefore: harness.clock.now() + 7000 });
        await saveQueue(retry);
        work.end(id(1));
        await settled();
        expect(engine.queue(10).waiting).toEqual([retry]);
        harness.clock.advance(7000);
        await eventually(() => expect(work.leases[1]?.entry).toEqual(retry));
      });

      it("end for good when the handler's commit removed the entry", async () => {
        const work = workByHand(5);
        await saveQueue(entry(1));
        await eventually(() => expect(work.ids()).toHaveLength(1));
        await finishQueued(entry(1));
        work.fail(id(1));
        await settled();
        harness.clock.advance(LONG_ENOUGH_MS);
        await update(RUN, nextVersion);
        expect(work.ids()).toHaveLength(1);
        expect(engine.queue(10).waitingTotal).toBe(0);
      });
    });

    describe("revoke", () => {
      it("aborts a lease and says why", async () => {
        const work = workByHand(5);
        await saveQueue(entry(1), entry(2));
        await eventually(() => expect(work.ids()).toHaveLength(2));
        await finishQueued(entry(1));
        engine.revoke(id(1));
        expect(work.leases[0]?.signal.reason).toMatchObject({ code: "engine.revoked", retryable: false });
        expect(work.leases[1]?.signal.aborted).toBe(false);
        await eventually(() => expect(engine.queue(10).leased).toEqual([entry(2)]));
      });

      it("takes a waiting dispatch out of the queue, deferred or not", async () => {
        await saveQueue(entry(1), entry(2, { notBefore: harness.clock.now() + 1000 }));
        engine.revoke(id(1));
        engine.revoke(id(2));
        engine.revoke("dsp_unheardof_1");
        harness.clock.advance(LONG_ENOUGH_MS);
        expect(engine.queue(10)).toEqual({ waiting: [], leased: [], waitingTotal: 0 });
      });
    });

    describe("past runs", () => {
      it("are no longer live, and are found by id after they were opened again", async () => {
        const done = aRunDocument({ run: finished(1) });
        await save(aRunDocument({ run: { runId: done.run.runId } }));
        await save(done);
        expect(await engine.liveRuns()).toEqual([]);
        expect(await engine.read(done.run.runId)).toEqual(done);
        await reopen();
        expect(await engine.liveRuns()).toEqual([]);
        expect(await engine.read(done.run.runId)).toEqual(done);
      });

      it("stay live while a delivery waits, and while they are a dead letter", async () => {
        const effect = { kind: "close_workspace" as const };
        await save(aRunDocument({ run: finished(1), outbox: [{ id: "o1", effect, savedAt: 1 }] }));
        const failure = {
          code: "lane.failed",
          retryable: false,
          text: { kind: "raw" as const, raw: "x" },
          evidence: [],
        };
        const status = { kind: "dead_letter" as const, failure, failedAt: 1, stage: "execution" as const };
        await save(aRunDocument({ run: { runId: runId(2), status } }));
        expect((await engine.liveRuns()).toSorted()).toEqual([runId(1), runId(2)]);
      });

      it("can be saved again, and become live again where there is something to do", async () => {
        const done = aRunDocument({ run: finished(1) });
        await save(done);
        await update(runId(1), (document) => ({ ...document, inbox: ["cmd_late"] }));
        expect(await engine.liveRuns()).toEqual([]);
        const outbox = [{ id: "o1", effect: { kind: "close_workspace" as const }, savedAt: 1 }];
        await update(runId(1), (document) => ({ ...document, outbox }));
        await reopen();
        expect(await engine.liveRuns()).toEqual([runId(1)]);
        expect(await engine.read(runId(1))).toEqual({ ...done, inbox: ["cmd_late"], outbox });
        await update(runId(1), (document) => ({ ...document, outbox: [] }));
        expect(await engine.liveRuns()).toEqual([]);
        expect((await engine.list(EVERYTHING)).runs).toHaveLength(1);
      });

      it("are listed with the live ones, newest first and by the page", async () => {
        const month = 31 * 86_400_000;
        for (let n = 1; n <= 5; n++) await save(aRunDocument({ run: { ...finished(n), updatedAt: n * month } }));
        await save(aRunDocument({ run: { runId: runId(6), updatedAt: 2 * month + 1 } }));
        await reopen();
        const ids = async (limit: number, offset: number): Promise<string[]> =>
          (await engine.list({ limit, offset })).runs.map((run) => run.runId);
        expect(await ids(10, 0)).toEqual([5, 4, 3, 6, 2, 1].map(runId));
        expect(await ids(2, 2)).toEqual([3, 6].map(runId));
        expect(await ids(2, 4)).toEqual([2, 1].map(runId));
        expect((await engine.list({ limit: 1, offset: 0 })).total).toBe(6);
      });

      it("are found by status and by words, whatever their case", async () => {
        const task = { ...aRunDocument().run.task, goal: "Tidy the Attic" };
        await save(aRunDocument({ run: { ...finished(1), task } }));
        await save(aRunDocument({ run: finished(2) }));
        await save(aRunDocument({ run: { runId: runId(3), task } }));
        const found = async (filter: object): Promise<unknown> => {
          const { runs, total } = await engine.list({ ...EVERYTHING, ...filter });
          return { ids: runs.map((run) => run.runId).toSorted(), total };
        };
        expect(await found({ status: "completed" })).toEqual({ ids: [runId(1), runId(2)], total: 2 });
        expect(await found({ search: "aTTic" })).toEqual({ ids: [runId(1), runId(3)], total: 2 });
        expect(await found({ search: "attic", status: "active" })).toEqual({ ids: [runId(3)], total: 1 });
        expect(await found({ search: runId(2) })).toEqual({ ids: [runId(2)], total: 1 });
      });
    });

    describe("what operators hold", () => {
      it("is not handed out until the engine is open again, and what runs goes on", async () => {
        await saveQueue(entry(1), entry(2));
        const hand = workByHand(1);
        await eventually(() => expect(hand.ids()).toEqual([entry(1).dispatchId]));
        engine.hold();
        await finishQueued(entry(1));
        hand.end(entry(1).dispatchId);
        await settled();
        expect(hand.ids()).toHaveLength(1);
        engine.open();
        await eventually(() => expect(hand.ids()).toEqual([entry(1).dispatchId, entry(2).dispatchId]));
        await finishQueued(entry(2));
        hand.end(entry(2).dispatchId);
        await settled();
      });

      it("is looked at anew when the engine is opened, where only what is accepted has changed", async () => {
        await saveQueue(entry(1));
        let open = false;
        const hand = workByHand(1, () => open);
        open = true;
        engine.open();
        await eventually(() => expect(hand.ids()).toEqual([entry(1).dispatchId]));
        await finishQueued(entry(1));
        hand.end(entry(1).dispatchId);
        await settled();
      });

      it("leaves one writer the workspace, and the same run its own", async () => {
        const writing = (n: number, holder: string): QueueEntry => ({
          ...entry(n),
          groups: [{ name: "workspace:/r", limit: 1, holder }],
        });
        await saveQueue(writing(1, "a"), writing(2, "b"), writing(3, "a"));
        const hand = workByHand(3);
        await eventually(() => expect(hand.ids()).toEqual([entry(1).dispatchId, entry(3).dispatchId]));
        for (const n of [1, 3]) {
          await finishQueued(entry(n));
          hand.end(entry(n).dispatchId);
        }
        await eventually(() => expect(hand.ids()).toContain(entry(2).dispatchId));
        await finishQueued(entry(2));
        hand.end(entry(2).dispatchId);
        await settled();
      });
    });

    describe("the end", () => {
      it("of work aborts the leases, waits for their handlers, and hands out nothing more", async () => {
        await saveQueue(entry(1), entry(2));
        let reason: unknown;
        let handlerEnded = false;
        engine.work(
          async ({ signal }) => {
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
            reason = signal.reason;
            // The handler still saves how far it came.
            await update(RUN, nextVersion);
            handlerEnded = true;
          },
          { slots: 1, accepts: () => true },
        );
        await eventually(() => expect(engine.queue(10).leased).toHaveLength(1));
        await engine.stop();
        expect(reason).toMatchObject({ code: "engine.stopping", retryable: true });
        expect(handlerEnded).toBe(true);
        expect(engine.queue(10).leased).toEqual([]);
        expect((await engine.read(RUN))?.run.version).toBe(2);
      });

      it("of the engine comes after what was asked before, and refuses what is asked later", async () => {
        const saved = save(aRunDocument());
        const closed = engine.close();
        await saved;
        await closed;
        await expect(save(aRunDocument())).rejects.toMatchObject({ code: "engine.closed" });
        await expect(engine.read(RUN)).rejects.toMatchObject({ code: "engine.closed" });
        expect(() => engine.operations()).toThrow("closed");
        engine = await harness.open();
        expect(await engine.liveRuns()).toEqual([RUN]);
      });
    });
  });
}

function id(n: number): string {
  return `dsp_aaaaaaaa_${n}`;
}

function entry(n: number, overrides: Partial<QueueEntry> = {}): QueueEntry {
  return aQueueEntry({ dispatchId: id(n), ...overrides });
}

function runId(n: number): string {
  return `run_${String(n).padStart(8, "0")}`;
}

function finished(n: number): Partial<RunDocument["run"]> {
  return { runId: runId(n), status: { kind: "completed", completedAt: 1 } };
}

function nextVersion(document: RunDocument): RunDocument {
  return { ...document, run: { ...document.run, version: document.run.version + 1 } };
}

function present(document: RunDocument | undefined): RunDocument {
  if (document === undefined) throw new Error("expected a saved document");
  return document;
}
