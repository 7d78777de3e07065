import type { Session } from "../../src/cli/session.ts";
import type { Command, CommandReply } from "../../src/contracts/command.ts";
import type { RunDocument } from "../../src/contracts/document.ts";
import type { RunId } from "../../src/contracts/id.ts";
import type { QueueView, RunView, RunWatchMessage, SetAside } from "../../src/contracts/view.ts";

const ARRIVAL = { kind: "key", key: "queue.rule.arrival" } as const;

export const EMPTY_QUEUE: QueueView = {
  strategy: "fair",
  rules: { between: ARRIVAL, inside: ARRIVAL },
  slots: 2,
  drainingSince: null,
  paused: [],
  weights: {},
  steps: {},
  running: [],
  waiting: [],
  waitingTotal: 0,
};

export interface FakeSession extends Session {
  readonly commands: Command[];
  readonly followed: RunId[];
  readonly closed: boolean;
  readonly watchers: number;
  /** Makes this the newest state of its run, and tells the watchers. */
  show(view: RunView): void;
  /** Tells the watchers of all runs. */
  tell(message: RunWatchMessage): void;
  /** What to do with the next commands; the default accepts. */
  reply(reaction: (command: Command) => CommandReply): void;
  /** A run whose document is damaged. */
  setAside(aside: SetAside): void;
  /** The bot goes away. */
  lose(error: Error): void;
}

/** A session whose runs are moved by the test. */
export function createFakeSession(
  options: { owner?: boolean; worksOn?: boolean; documents?: RunDocument[]; queue?: QueueView } = {},
): FakeSession {
  const views = new Map<RunId, RunView>();
  const aside = new Map<RunId, SetAside>();
  const listeners = new Set<(message: RunWatchMessage) => void>();
  const commands: Command[] = [];
  const followed: RunId[] = [];
  const lost = Promise.withResolvers<Error>();
  let closed = false;
  let react = (command: Command): CommandReply => ({
    kind: "accepted",
    runId: "runId" in command ? command.runId : "run_4k2m9x7q1b",
    version: 1,
  });

  return {
    owner: options.owner ?? true,
    commands,
    followed,
    lost: lost.promise,
    get closed() {
      return closed;
    },
    get watchers() {
      return listeners.size;
    },
    show(view) {
      views.set(view.summary.runId, view);
      for (const listener of listeners) listener({ kind: "view", view });
    },
    tell(message) {
      for (const listener of listeners) listener(message);
    },
    reply(reaction) {
      react = reaction;
    },
    setAside: (place) => void aside.set(place.name, place),
    lose: (error) => lost.resolve(error),
    door: {
      async handle(command) {
        commands.push(command);
        return react(command);
      },
    },
    query: {
      run: async (runId) => views.get(runId),
      runs: async ({ status, limit, offset }) => {
        const runs = [...views.values()].map((view) => view.summary).filter((run) => !status || run.status === status);
        return { runs: runs.slice(offset, offset + limit), total: runs.length };
      },
      document: async (runId) => options.documents?.find((document) => document.run.runId === runId),
      setAside: async (runId) => aside.get(runId),
      queue: async () => options.queue ?? EMPTY_QUEUE,
      watch(runId, listener) {
        listeners.add(listener);
        const view = views.get(runId);
        if (view !== undefined) listener({ kind: "view", view });
        return () => listeners.delete(listener);
      },
    },
    async follow(runId) {
      followed.push(runId);
      return options.worksOn ?? true;
    },
    async close() {
      closed = true;
    },
  } satisfies FakeSession;
}
