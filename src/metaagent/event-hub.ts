import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../ports.ts";
import type { EventName, MetaAgentEvent, MetaAgentEvents } from "./events.ts";

/** So many events wait for one observer; past it the oldest is dropped, since the newest tells most of how things are. */
const QUEUE_LIMIT = 1000;
/** So many are delivered before the process may do something else. */
const BATCH = 50;
/** An observer that holds the process up for this long is made to wait, so that it gets a tenth of the time at most. */
const SLOW_MS = 5;
const PAUSE_FACTOR = 9;

/** Whoever wants to see what happens. `notify` may be asynchronous: the next event comes when it has resolved. */
export interface Observer {
  /** For the log and the metrics. */
  readonly name: string;
  /** Asked at once, so it must be quick; what it does not want takes no place in its queue. */
  wants(event: MetaAgentEvent): boolean;
  notify(event: MetaAgentEvent): void | Promise<void>;
}

/** How an observer fares. */
export interface ObserverState {
  readonly name: string;
  readonly waiting: number;
  /** Events that it never got, since its queue was full. */
  readonly dropped: number;
  /** Events at which it threw or rejected. */
  readonly failed: number;
}

/**
 * Tells observers what happened (M11), after it was saved and never on the way of a run: each observer has a queue of
 * its own, which is emptied between other work, in order. One that throws is logged and goes on with the next event.
 * One that is slow gets less of the process's time, and one whose promise never resolves gets nothing more: then its
 * queue fills up, and the oldest events are dropped, counted, and logged once until it has caught up.
 */
export interface EventHub {
  emit<K extends EventName>(name: K, payload: MetaAgentEvents[K]): void;
  emitAll(events: readonly MetaAgentEvent[]): void;
  /** The returned function ends it; what waits for the observer is dropped. */
  observe(observer: Observer): () => void;
  /** The same for one kind of event. `by`: whose listener it is, for the log and the metrics. */
  on<K extends EventName>(
    name: K,
    listener: (payload: MetaAgentEvents[K]) => void | Promise<void>,
    by?: string,
  ): () => void;
  observers(): ObserverState[];
  /** Delivers what waits to those that are ready for it, and nothing after that. */
  stop(): void;
}

export function createEventHub(log: Log, clock: Clock): EventHub {
  const mailboxes = new Set<Mailbox>();
  const emitAll = (events: readonly MetaAgentEvent[]): void => {
    for (const mailbox of mailboxes) for (const event of events) mailbox.put(event);
  };
  const observe = (observer: Observer): (() => void) => {
    const mailbox = createMailbox(observer, log, clock);
    mailboxes.add(mailbox);
    return () => {
      mailboxes.delete(mailbox);
      mailbox.close();
    };
  };
  return {
    emitAll,
    emit: (name, payload) => emitAll([eventOf(name, payload)]),
    observe,
    on: (name, listener, by) =>
      observe({
        name: by === undefined ? `on ${name}` : `${by} on ${name}`,
        wants: (event) => event.name === name,
        // Wanted by its name, so the payload is of this name.
        notify: (event) => listener(event.payload as MetaAgentEvents[typeof name]),
      }),
    observers: () => [...mailboxes].map((mailbox) => mailbox.state()),
    stop: () => {
      for (const mailbox of mailboxes) {
        mailbox.deliver(Number.POSITIVE_INFINITY);
        mailbox.close();
      }
    },
  };
}

function eventOf<K extends EventName>(name: K, payload: MetaAgentEvents[K]): MetaAgentEvent {
  // The compiler does not follow that a name and its own payload make one member of the union.
  return { name, payload } as MetaAgentEvent;
}

interface Mailbox {
  put(event: MetaAgentEvent): void;
  /** Tells so many events now, unless the observer is not ready for more. */
  deliver(count: number): void;
  state(): ObserverState;
  close(): void;
}

function createMailbox(observer: Observer, log: Log, clock: Clock): Mailbox {
  let waiting: MetaAgentEvent[] = [];
  /** `asleep`: somebody else wakes it, a promise or the clock. */
  let mode: "idle" | "awake" | "asleep" | "closed" = "idle";
  let dropped = 0;
  let failed = 0;
  let isOverflowing = false;
  let isFailing = false;
  let callOff: () => void = () => undefined;

  const isClosed = (): boolean => mode === "closed";
  const turn = (to: "idle" | "awake" | "asleep"): void => {
    // It may have been closed by the observer that was being told.
    if (!isClosed()) mode = to;
  };
  const wake = (): void => {
    if (isClosed()) return;
    turn("awake");
    setImmediate(() => deliver(BATCH));
  };
  const succeeded = (): void => {
    isFailing = false;
  };
  const note = (event: MetaAgentEvent, error: unknown): void => {
    failed += 1;
    // One line for a row of failures: an observer that always fails must not fill the disk.
    if (!isFailing)
      log.error({ observer: observer.name, event: event.name, err: messageOf(error) }, "an observer failed");
    isFailing = true;
  };
  /** False where it is not ready for the next event. */
  const tell = (event: MetaAgentEvent): boolean => {
    const before = clock.now();
    let answer: Promise<void> | undefined;
    try {
      answer = observer.notify(event) ?? undefined;
      if (answer === undefined) succeeded();
    } catch (error) {
      note(event, error);
    }
    if (answer !== undefined) {
      turn("asleep");
      // A plugin in JavaScript may return anything.
      Promise.resolve(answer)
        .then(succeeded, (error: unknown) => note(event, error))
        .finally(wake)
        .catch(() => undefined);
      return false;
    }
    const tookMs = clock.now() - before;
    if (tookMs < SLOW_MS || isClosed()) return true;
    turn("asleep");
    callOff = clock.after(tookMs * PAUSE_FACTOR, wake);
    return false;
  };
  const deliver = (count: number): void => {
    if (mode === "asleep" || isClosed()) return;
    for (let told = 0; told < count; told += 1) {
      const event = waiting.shift();
      if (event === undefined) {
        turn("idle");
        isOverflowing = false;
        return;
      }
      if (!tell(event)) return;
    }
    wake();
  };
  const isWanted = (event: MetaAgentEvent): boolean => {
    try {
      return observer.wants(event);
    } catch (error) {
      note(event, error);
      return false;
    }
  };

  return {
    put: (event) => {
      if (isClosed() || !isWanted(event)) return;
      if (waiting.length >= QUEUE_LIMIT) {
        waiting.shift();
        dropped += 1;
        if (!isOverflowing)
          log.error({ observer: observer.name, dropped }, "an observer is too slow; events are dropped");
        isOverflowing = true;
      }
      waiting.push(event);
      if (mode === "idle") wake();
    },
    deliver,
    state: () => ({ name: observer.name, waiting: waiting.length, dropped, failed }),
    close: () => {
      mode = "closed";
      waiting = [];
      callOff();
    },
  };
}
