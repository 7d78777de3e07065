import type { Alert } from "./contracts/alert.ts";
import type { AgentCard, CapabilityIndex } from "./contracts/agent.ts";
import type { AuditVerdict } from "./contracts/audit.ts";
import type { Card } from "./contracts/card.ts";
import type { WorkspaceChange } from "./contracts/change.ts";
import type { Command, CommandReply } from "./contracts/command.ts";
import type { QueueEntry, RunDocument, RunSummary } from "./contracts/document.ts";
import type { TextSearch, WorkspaceEvidence } from "./contracts/evidence.ts";
import type { DecisionKind } from "./contracts/decision.ts";
import type { Actor, DispatchId, RunId } from "./contracts/id.ts";
import type { Macro } from "./contracts/macro.ts";
import type { OperationsDocument } from "./contracts/operations.ts";
import type { PolicyRule } from "./contracts/policy.ts";
import type { Text } from "./contracts/text.ts";
import type { QueueView, RunView, RunWatchMessage, SetAside } from "./contracts/view.ts";
import type { Artifact, Brief, WorkerResult } from "./contracts/worker.ts";

/**
 * The whole outside world on one screen. Every implementation of a port passes the contract suite of that
 * port in `test/contracts`; no member is optional.
 */

/** What the bot knows before a run: loaded from `config/` once, and given to every step. */
export interface Catalog {
  readonly macros: readonly Macro[];
  readonly agents: readonly AgentCard[];
  /** The capability index layers in the order in which they are searched (G22). */
  readonly capabilityLayers: readonly { readonly layer: string; readonly index: CapabilityIndex }[];
  /** What the operators' own policy files say (M6); the rules of a workspace come with its evidence. */
  readonly policyRules: readonly PolicyRule[];
}

/** Time, so that tests set it instead of waiting for it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `action` once when `delayMs` have passed; the returned function calls it off. */
  after(delayMs: number, action: () => void): () => void;
}

/**
 * May an entry start now? `full` names a group of it that is full: then nothing else of that group is asked about,
 * so a full group costs one question however much waits in it. `false`: not this entry, for a reason of its own.
 */
export type Admission = boolean | { readonly full: string };

/** The fair order of what waits. Made by the scheduler, kept by the engine. */
export interface ReadyQueue {
  add(entry: QueueEntry): void;
  remove(dispatchId: DispatchId): void;
  /** Takes the first entry in fair order that `mayStart` admits, and charges its flow; undefined when there is none. */
  take(mayStart: (entry: QueueEntry) => Admission): QueueEntry | undefined;
  /** A taken entry has cost so much already and goes on: it is charged more where that is more than was expected. */
  accrue(entry: QueueEntry, costSoFarMs: number): void;
  /** Corrects the charge of a taken entry to what it really cost; once for each, however it ended. */
  settle(entry: QueueEntry, actualCostMs: number): void;
  /** All that waits, in the order in which it would be taken if nothing blocked. */
  inOrder(limit: number): QueueEntry[];
  readonly size: number;
}

/** What the engine hands out: one dispatch that may be worked on now. */
export interface Lease {
  readonly entry: QueueEntry;
  /** Aborted when the dispatch is revoked or the process shuts down; the reason says which. */
  readonly signal: AbortSignal;
  /** Adds to what the lease costs beside its time, in milliseconds of a worker. */
  readonly charge: (extraCostMs: number) => void;
}

/** One atomic change of a run. Without `document` nothing is saved. */
export interface Change<T> {
  readonly document?: RunDocument;
  readonly result: T;
}

export interface RunFilter {
  readonly status?: RunSummary["status"];
  /** Substring of goal or id, case-insensitive. */
  readonly search?: string;
  readonly limit: number;
  readonly offset: number;
}

/** Store and queue, one atomic unit. It persists and orders, and never decides what a run does. */
export interface Engine {
  /**
   * Loads the run's document under its lock, lets `change` make a new one, and resolves when that is durable.
   * `change` is synchronous and may throw: then nothing is saved. Queue entries of the saved document become
   * available to `work`, and entries that it no longer holds are withdrawn.
   */
  transact<T>(runId: RunId, change: (document: RunDocument | undefined) => Change<T>): Promise<T>;
  /** The last durable document of a run, live or archived. */
  read(runId: RunId): Promise<RunDocument | undefined>;
  /** Ids of the runs that are not archived. */
  liveRuns(): Promise<RunId[]>;
  /** Newest first, live and archived. */
  list(filter: RunFilter): Promise<{ runs: RunSummary[]; total: number }>;
  /** The operations document; small, and never undefined. */
  operations(): OperationsDocument;
  /** What this engine found damaged when it was opened, and put aside so that everything else can go on. */
  setAside(): readonly SetAside[];
  /** Where a run was put whose document was damaged, now or at an earlier opening; undefined where it was not. */
  setAsideOf(runId: RunId): Promise<SetAside | undefined>;
  /** Changes the operations document and resolves when that is durable. */
  transactOperations(change: (document: OperationsDocument) => OperationsDocument): Promise<void>;
  /** Starts to hand out leases, in the order of the ready queue, within the groups' limits and `slots`. */
  work(
    handler: (lease: Lease) => Promise<void>,
    options: { slots: number; accepts: (entry: QueueEntry) => Admission },
  ): void;
  /** Hands out nothing more until `open`; leases go on. */
  hold(): void;
  /** Hands out again, and looks anew for what may start, also where only what `accepts` says has changed. */
  open(): void;
  /** Takes a waiting dispatch out of the queue, or aborts its lease. */
  revoke(dispatchId: DispatchId): void;
  /** Called after every durable change with the new document. */
  onCommit(listener: (document: RunDocument) => void): () => void;
  /** What waits in fair order, and what is leased now. */
  queue(limit: number): { waiting: QueueEntry[]; leased: QueueEntry[]; waitingTotal: number };
  /** Hands out nothing more, aborts the leases, and resolves when their handlers have ended. */
  stop(): Promise<void>;
  /** Flushes, releases the root, and refuses everything after it. */
  close(): Promise<void>;
}

/** How the machine fares that the bot runs on. */
export interface Machine {
  /** Free bytes for the bot's user on the disk of the state folder; null where the system does not say. */
  freeBytes(): Promise<number | null>;
  /** 99th percentile of how late the process's event loop was, in milliseconds, since this was last asked. */
  loopLagMs(): number | null;
}

/** Files of a run that are not its document. */
export interface RunFiles {
  /** Absolute folder in which workers leave their artifacts; made when asked for. */
  artifactFolder(runId: RunId, namespace: string): Promise<string>;
  /** Writes a file into the run's folder, flushed to disk before it resolves. `name` is relative, with `/`. */
  writeArtifact(runId: RunId, name: string, content: string): Promise<Artifact>;
  /** Flushes what a worker left, and takes hash and size. */
  sealArtifacts(runId: RunId, namespace: string): Promise<Artifact[]>;
  readArtifact(runId: RunId, path: string): Promise<Buffer | undefined>;
  /** Removes a file of the run's artifacts; harmless where it is gone. */
  removeArtifact(runId: RunId, path: string): Promise<void>;
  /** Absolute folder of the run's files, for people. */
  folderOf(runId: RunId): string;
  /**
   * Public files, rebuilt from the document whenever it changes: names relative to the run's folder.
   * `shared` goes to the root as well (the run that moved last). A reader never sees half a file.
   */
  project(runId: RunId, files: Record<string, string>, shared: Record<string, string>): Promise<void>;
}

/** A run's copy of its workspace; the workspace itself is never written by a worker. */
export interface WorkspaceCopy {
  readonly root: string;
  readonly revision: string | null;
}

/** A change that is sealed as a commit; `patch` is its whole text. */
export interface SealedChange extends Pick<WorkspaceChange, "commit" | "base" | "files"> {
  readonly patch: string;
}

export interface Workspace {
  /** Is there a folder at this absolute path that can be looked into? */
  isFolder(folder: string): Promise<boolean>;
  /** Is it git's own folder (a bare repository, or inside .git), without files to work on? False where git cannot say. */
  isInsideGit(folder: string): Promise<boolean>;
  /** Reads, and changes nothing: not even git's index. Throws an InputError for a folder that cannot be read. */
  inspect(folder: string, signal: AbortSignal): Promise<WorkspaceEvidence>;
  /**
   * Where a text of one line stands, exactly as given, in the files as they lie there now: those that git tracks, or
   * all where there is no commit. Reads, and changes nothing; binary files are left out. Bounded (see TextSearch).
   */
  search(folder: string, text: string, signal: AbortSignal): Promise<TextSearch>;
  /** Same hash as `WorkspaceEvidence.fingerprint`, taken now. */
  fingerprint(folder: string, signal: AbortSignal): Promise<string>;
  /** Opens (or finds again) the copy `name` of the workspace for a run, at `revision`. */
  open(
    runId: RunId,
    name: string,
    folder: string,
    revision: string | null,
    signal: AbortSignal,
  ): Promise<WorkspaceCopy>;
  /** The lines of a file in a copy, without line ends; undefined where there is no such text file inside the copy. */
  lines(copy: WorkspaceCopy, path: string): Promise<string[] | undefined>;
  /** Writes a new file into the workspace itself; refuses to overwrite. Returns the path. */
  keep(folder: string, name: string, content: string): Promise<string>;
  /**
   * Seals what differs from `note.revision` in the copy `name` of a run as one commit beside the copy, whatever a
   * worker did to the copy's own `.git`. Undefined where nothing differs. Nothing of the workspace is written.
   */
  seal(
    runId: RunId,
    name: string,
    folder: string,
    note: { readonly revision: string; readonly message: string; readonly at: number },
    signal: AbortSignal,
  ): Promise<SealedChange | undefined>;
  /**
   * Makes a new branch in the workspace's repository at a sealed commit; work tree, index, HEAD and every other ref
   * stay as they are. Harmless to repeat; an InputError where the branch stands elsewhere.
   */
  keepBranch(
    runId: RunId,
    name: string,
    folder: string,
    wanted: { readonly branch: string; readonly commit: string },
  ): Promise<void>;
  /** Removes all copies of a run. */
  close(runId: RunId): Promise<void>;
}

export interface WorkerOrder {
  readonly agent: AgentCard;
  /** Program and arguments, resolved; never passed through a shell. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly artifactFolder: string;
  readonly brief: Brief;
  readonly timeLimitMs: number;
  /** Longest silence before it counts as stalled and is stopped; null: silence means nothing. */
  readonly heartbeatMs: number | null;
}

/** Runs a worker and watches it; the whole process tree ends with the order, the bot, or the signal. */
export interface AgentRuntime {
  readonly kind: AgentCard["runtime"];
  /** Resolves when the worker and its whole tree have ended. Throws only where it could not be started. */
  run(order: WorkerOrder, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<WorkerResult>;
}

/** Live progress of a worker: shown, never saved. */
export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly text: Text | null;
}

export interface SurfaceMessage {
  /** The same key is the same message: posting it twice must show it once. */
  readonly key: string;
  readonly channel: string;
  /** Undefined opens the thread. */
  readonly thread: string | undefined;
  /** What to edit; undefined posts. */
  readonly message: string | undefined;
  readonly card: Card;
}

/** A place where people see runs. It renders and delivers, and never decides. */
export interface Surface {
  readonly name: string;
  /**
   * Posts or edits; safe to repeat. Rejects with a retryable error where it did not arrive, and with a BusyError where
   * the place allows no more messages now: then nothing is waited for, and the rest of the run's cards go on.
   */
  put(message: SurfaceMessage): Promise<{ thread: string; message: string }>;
}

/** A surface with what listens there; the bot needs the surface before it is there itself. */
export interface ConnectedSurface {
  readonly surface: Surface;
  /** What else somebody is there, by which roles can be given, such as `group:S0123`; as last known. */
  membershipsOf(actor: Actor): readonly string[];
  /** By what people there know a user, or a group that roles are given to; undefined where that is not known (yet). */
  nameOf(user: string): string | undefined;
  /**
   * What keeps the surface from working now, as states of affairs (`standing`) whose keys begin with its name: each is
   * told once, and is over when it is not among them any more. `open`: those that were told and are not over.
   */
  troubles(open: readonly Alert[]): readonly Alert[];
  /** Begins to take in what people do. */
  start(bot: {
    readonly door: Door;
    readonly query: Query;
    readonly refusalOf: RefusalOf;
    readonly catalog: Catalog;
    readonly files: Pick<RunFiles, "readArtifact">;
  }): Promise<void>;
  /** Takes in nothing more, and resolves when what came in is done. Cards can still be put. */
  stop(): Promise<void>;
  /** After the bot: nothing is put any more. */
  close(): Promise<void>;
}

/** The one door for everything that people and machines ask for. */
export interface Door {
  /** Resolves when the change is durable, or with a refusal. Never rejects for something that was asked wrongly. */
  handle(command: Command): Promise<CommandReply>;
}

/**
 * Why somebody may not ask for something, as the door would say it; undefined where they may. `owner` is who started
 * the run that it is about, `about` what the question is about that would be answered, `option` what would be chosen.
 * For what a surface shows: the door decides again, at the time of the command.
 */
export type RefusalOf = (
  kind: Command["kind"],
  by: Actor,
  owner: Actor | undefined,
  about?: DecisionKind,
  option?: string,
) => Text | undefined;

/** Who did what in a run and what came of it, with what its chain of hashes says; undefined where there is no such run. */
export type AuditOf = (runId: RunId) => Promise<AuditVerdict | undefined>;

/** What can be read, by surfaces and programs; it changes nothing. */
export interface Query {
  run(runId: RunId): Promise<RunView | undefined>;
  runs(filter: RunFilter): Promise<{ runs: RunSummary[]; total: number }>;
  /** The whole document of a run with all packets; for an explicit export or trace only (G38). */
  document(runId: RunId): Promise<RunDocument | undefined>;
  queue(): Promise<QueueView>;
  /** Where a run is that was put aside because its document is damaged: `run` knows nothing of it. */
  setAside(runId: RunId): Promise<SetAside | undefined>;
  /** Calls `listener` now and after every change of the run, and with live progress; the returned function ends it. */
  watch(runId: RunId, listener: (message: RunWatchMessage) => void): () => void;
}
