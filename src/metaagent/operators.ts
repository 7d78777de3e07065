import { alertCard } from "../cards/alert-card.ts";
import { digestCard } from "../cards/digest-card.ts";
import { sortedFindings } from "../cards/findings.ts";
import type { Alert } from "../contracts/alert.ts";
import type { DigestLine, OperationsDocument, OperatorPost } from "../contracts/operations.ts";
import type { Run } from "../contracts/run.ts";
import type { Binding } from "../contracts/task.ts";
import { BusyError, messageOf } from "../errors.ts";
import { FALLBACK_LANGUAGE, translatorFor } from "../i18n.ts";
import { retryDelay, type Control } from "./deps.ts";
import { tellDelivery } from "./tell-delivery.ts";

/** So many runs make a digest full: it is sent then, however long its time would last. */
const DIGEST_LINES = 100;
const KEPT = 1000;

/** What operators hear beside the cards of runs: alerts, and results as a digest. Saved first, then delivered once. */
export interface Operators {
  /** Resolves when the alerts that are new are durable; delivering them goes on by itself. */
  raise(alerts: readonly Alert[]): Promise<void>;
  /** Keeps how a run ended for the next digest of a channel; resolves with its key when that is durable. */
  gather(run: Run, to: Binding): Promise<string>;
  /** Takes up what a former process left. */
  start(): void;
  /** Ends the delivery; what is left stays saved. */
  stop(): Promise<void>;
}

type Means = Pick<
  Control,
  | "engine"
  | "surfaces"
  | "operatorChannels"
  | "digestMs"
  | "toolLanguage"
  | "clock"
  | "retry"
  | "random"
  | "log"
  | "events"
>;

export function createOperators(control: Means): Operators {
  const { engine, clock } = control;
  let underWay: Promise<void> = Promise.resolve();
  let callOff: () => void = () => undefined;
  let stopped = false;

  const lookAfter = (delayMs: number, attempt: number): void => {
    callOff();
    if (!stopped) callOff = clock.after(delayMs, () => look(attempt));
  };
  const look = (attempt: number): void => {
    underWay = underWay
      .then(() => (stopped ? undefined : tellAll(control)))
      .then(() => {
        const due = digestDueAt(control);
        if (due !== undefined) lookAfter(Math.max(0, due - clock.now()), 1);
      })
      .catch((error: unknown) => {
        if (error instanceof BusyError) return lookAfter(error.retryAfterMs, attempt);
        control.log.warn({ attempt, err: messageOf(error) }, "operators could not be told; it is tried again");
        lookAfter(retryDelay(control.retry, Math.min(attempt, 10), control.random()), attempt + 1);
      });
  };

  return {
    raise: async (alerts) => {
      const known = knownAlerts(engine.operations());
      if (alerts.every(({ key }) => known.has(key))) return;
      const fresh: Alert[] = [];
      const posts = await Promise.all(alerts.map((alert) => postOf(control, alert)));
      await engine.transactOperations((operations) => {
        const before = knownAlerts(operations);
        const isFresh = alerts.map(({ key }) => !before.has(key));
        fresh.push(...alerts.filter((_, at) => isFresh[at]));
        return {
          ...operations,
          alerts: [...operations.alerts, ...fresh].slice(-KEPT),
          operatorPosts: withPosts(
            operations,
            posts.filter((_, at) => isFresh[at]),
          ),
        };
      });
      for (const alert of fresh) control.events.emit("alert.raised", { alert });
      if (fresh.length > 0) look(1);
    },
    gather: async (run, to) => {
      const line = lineOf(run, to, clock.now());
      await engine.transactOperations((operations) => {
        const { lines, told } = operations.digest;
        if ([...lines.map(keyOf), ...told].includes(keyOf(line))) return operations;
        return { ...operations, digest: { lines: [...lines, line], told } };
      });
      look(1);
      return keyOf(line);
    },
    start: () => look(1),
    stop: async () => {
      stopped = true;
      callOff();
      await underWay;
    },
  };
}

function knownAlerts({ alerts }: OperationsDocument): Set<string> {
  return new Set(alerts.map(({ key }) => key));
}

function withPosts({ operatorPosts }: OperationsDocument, posts: readonly OperatorPost[]): OperatorPost[] {
  return [...operatorPosts, ...posts.filter(({ to }) => to.length > 0)].slice(-KEPT);
}

/** An alert as a message for all operator channels, but those where a card of the run says the same. */
async function postOf(control: Means, alert: Alert): Promise<OperatorPost> {
  const run = alert.runId === undefined ? undefined : (await control.engine.read(alert.runId))?.run;
  const bindings = run?.task.bindings ?? [];
  const places = [...control.operatorChannels, ...bindings.filter(({ role }) => role === "operators")];
  const said = new Set(alert.card === undefined ? [] : bindings.map(channelOf));
  const open = places.filter((place) => !said.has(channelOf(place)));
  const language = run?.language.language ?? control.toolLanguage ?? FALLBACK_LANGUAGE;
  return {
    key: `alert/${alert.key}/${alert.since}`,
    card: alertCard(alert, translatorFor(language)),
    to: [...new Map(open.map((place) => [channelOf(place), place])).values()],
  };
}

function channelOf({ surface, channel }: Binding): string {
  return `${surface}/${channel}`;
}

/** A terminal program that owns the state for one run serves no surface: what waits for one is left to the bot. */
function isServed({ surfaces }: Means, { surface }: Binding): boolean {
  return surfaces.some(({ name }) => name === surface);
}

function lineOf(run: Run, to: Binding, gatheredAt: number): DigestLine {
  return {
    to,
    runId: run.runId,
    goal: run.task.goal,
    status: run.status.kind,
    findings: sortedFindings(run).length,
    language: run.language.language,
    gatheredAt,
  };
}

function keyOf({ to, runId }: DigestLine): string {
  return `digest/${runId}/${channelOf(to)}`;
}

/** When the digest that is being gathered is to be sent; undefined where there is none. */
function digestDueAt(control: Means): number | undefined {
  const lines = control.engine.operations().digest.lines.filter(({ to }) => isServed(control, to));
  const [first] = lines;
  if (first === undefined) return undefined;
  return lines.length >= DIGEST_LINES ? first.gatheredAt : first.gatheredAt + control.digestMs;
}

/** Closes the digest if it is due, and delivers what waits. A surface that is away holds up no other. */
async function tellAll(control: Means): Promise<void> {
  await closeDigest(control);
  const away = new Set<string>();
  let failure: { readonly cause: unknown } | undefined;
  for (const post of control.engine.operations().operatorPosts) {
    for (const to of post.to) {
      const surface = control.surfaces.find(({ name }) => name === to.surface);
      if (surface === undefined || away.has(surface.name)) continue;
      const delivery = {
        runId: null,
        effect: "operator_post",
        savedAt: null,
        begun: control.clock.now(),
        to: { surface: surface.name, method: "post" },
      } as const;
      try {
        const { channel, thread } = to;
        const key = `${post.key}/${channelOf(to)}`;
        await surface.put({ key, channel, thread, message: undefined, card: post.card });
        tellDelivery(control, { ...delivery, problem: undefined });
        await control.engine.transactOperations((operations) => withoutPlace(operations, post.key, to));
      } catch (cause) {
        tellDelivery(control, { ...delivery, problem: cause });
        away.add(surface.name);
        failure ??= { cause };
      }
    }
  }
  if (failure !== undefined) throw failure.cause;
}

function withoutPlace(operations: OperationsDocument, key: string, to: Binding): OperationsDocument {
  const operatorPosts = operations.operatorPosts
    .map((post) =>
      post.key === key ? { ...post, to: post.to.filter((place) => channelOf(place) !== channelOf(to)) } : post,
    )
    .filter((post) => post.to.length > 0);
  return { ...operations, operatorPosts };
}

/** Makes messages of the lines in the same write that takes them out, so that no crash tells of a run twice or never. */
async function closeDigest(control: Means): Promise<void> {
  const due = digestDueAt(control);
  if (due === undefined || due > control.clock.now()) return;
  await control.engine.transactOperations((operations) => {
    const { lines, told } = operations.digest;
    const sent = lines.filter(({ to }) => isServed(control, to));
    const posts = [...Map.groupBy(sent, ({ to }) => channelOf(to)).values()].flatMap(digestPost);
    return {
      ...operations,
      operatorPosts: withPosts(operations, posts),
      digest: {
        lines: lines.filter(({ to }) => !isServed(control, to)),
        told: [...told, ...sent.map(keyOf)].slice(-KEPT),
      },
    };
  });
}

/** In the language of the run that ended last: operators have no other that is known. */
function digestPost(lines: DigestLine[]): OperatorPost[] {
  const [first] = lines;
  const last = lines.at(-1);
  if (first === undefined || last === undefined) return [];
  return [{ key: keyOf(first), card: digestCard(lines, translatorFor(last.language)), to: [first.to] }];
}
