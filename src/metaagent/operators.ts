import { isDeepStrictEqual } from "node:util";
import { alertCard } from "../cards/alert-card.ts";
import { digestCard } from "../cards/digest-card.ts";
import { sortedFindings } from "../cards/findings.ts";
import type { Alert } from "../contracts/alert.ts";
import type { AlertRecord, DigestLine, OperationsDocument, OperatorPost } from "../contracts/operations.ts";
import type { Run } from "../contracts/run.ts";
import type { Binding } from "../contracts/task.ts";
import { BusyError, messageOf } from "../errors.ts";
import { FALLBACK_LANGUAGE, translatorFor } from "../i18n.ts";
import { dealtWith, postKeyOf, raised, seen, type AlertsAfter, type AlertStep } from "./alerts.ts";
import { retryDelay, type Control } from "./deps.ts";
import { tellDelivery } from "./tell-delivery.ts";

/** So many runs make a digest full: it is sent then, however long its time would last. */
const DIGEST_LINES = 100;
const KEPT = 1000;

/** What operators hear beside the cards of runs: alerts, and results as a digest. Saved first, then delivered once. */
export interface Operators {
  /** Resolves when the alerts that are new are durable; delivering them goes on by itself. */
  raise(alerts: readonly Alert[]): Promise<void>;
  /** Something was dealt with: its alert is over, and says so where it stands. */
  resolve(key: string): Promise<void>;
  /** All states of affairs that the monitor sees now: new ones are told, those that are gone are over. */
  see(present: readonly Alert[]): Promise<void>;
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

  /** Saves what is new of alerts with its messages in one write; nothing where nothing is new. */
  const take = async (step: AlertStep): Promise<void> => {
    const news = newsOf(step(engine.operations().alerts));
    if (news.length === 0) return;
    const runs = new Map<string, Run | undefined>();
    for (const { runId } of news) if (runId !== undefined) runs.set(runId, (await engine.read(runId))?.run);
    let saved: AlertsAfter | undefined;
    await engine.transactOperations((operations) => {
      saved = step(operations.alerts);
      const messages = newsOf(saved).map((record) => postOf(control, record, operations, runs.get(record.runId ?? "")));
      return { ...operations, alerts: saved.records, operatorPosts: withPosts(operations, messages) };
    });
    if (saved === undefined) return;
    for (const alert of saved.raised) control.events.emit("alert.raised", { alert });
    for (const alert of saved.resolved) control.events.emit("alert.resolved", { alert, at: clock.now() });
    look(1);
  };

  return {
    raise: (alerts) => take(raised(alerts)),
    resolve: (key) => take(dealtWith(key, clock.now())),
    see: (present) => take(seen(present, clock.now())),
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

function newsOf({ raised: fresh, resolved, changed }: AlertsAfter): AlertRecord[] {
  return [...fresh, ...resolved, ...changed];
}

/** A message that is still on its way gives its place to the newer one of the same key. */
function withPosts({ operatorPosts }: OperationsDocument, posts: readonly OperatorPost[]): OperatorPost[] {
  const newer = new Map(posts.map((post) => [post.key, post]));
  const waiting = operatorPosts.map((post) => {
    const instead = newer.get(post.key);
    newer.delete(post.key);
    return instead === undefined ? post : { ...instead, to: places([...post.to, ...instead.to]) };
  });
  return [...waiting, ...[...newer.values()].filter(({ to }) => to.length > 0)].slice(-KEPT);
}

function places(bindings: readonly Binding[]): Binding[] {
  return [...new Map(bindings.map((place) => [channelOf(place), place])).values()];
}

/**
 * An alert as a message: a new one for all operator channels, but those where a card of the run says the same; one
 * that was told before is edited where it stands, and nowhere else. Made in the write that saves it: where the first
 * message arrives between the two, neither what waits nor a place that was known before would be told of the change.
 */
function postOf(
  control: Means,
  alert: AlertRecord,
  { alerts }: OperationsDocument,
  run: Run | undefined,
): OperatorPost {
  const bindings = run?.task.bindings ?? [];
  const operators = [...control.operatorChannels, ...bindings.filter(({ role }) => role === "operators")];
  const said = new Set(alert.card === undefined ? [] : bindings.map(channelOf));
  const known = alerts.some((record) => postKeyOf(record) === postKeyOf(alert));
  const language = run?.language.language ?? control.toolLanguage ?? FALLBACK_LANGUAGE;
  return {
    key: postKeyOf(alert),
    card: alertCard(alert, translatorFor(language), alert.resolvedAt),
    to: known ? alert.shown.map(placeOf) : places(operators.filter((place) => !said.has(channelOf(place)))),
  };
}

function placeOf({ surface, channel, thread }: AlertRecord["shown"][number]): Binding {
  return { surface, channel, thread, role: "operators" };
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

/** Closes the digest if it is due, and delivers what waits. A channel that takes nothing holds up no other. */
async function tellAll(control: Means): Promise<void> {
  await closeDigest(control);
  const away = new Set<string>();
  let failure: { readonly cause: unknown } | undefined;
  for (const post of control.engine.operations().operatorPosts) {
    for (const to of post.to) {
      const surface = control.surfaces.find(({ name }) => name === to.surface);
      if (surface === undefined || away.has(channelOf(to))) continue;
      const stands = whereItStands(control.engine.operations(), post.key, to);
      const delivery = {
        runId: null,
        effect: "operator_post",
        savedAt: null,
        begun: control.clock.now(),
        to: { surface: surface.name, method: stands === undefined ? "post" : "edit" },
      } as const;
      try {
        const { channel, thread } = to;
        const key = `${post.key}/${channelOf(to)}`;
        const shown = await surface.put({ key, channel, thread, message: stands?.message, card: post.card });
        await control.engine.transactOperations((operations) => delivered(operations, post, to, shown));
        tellDelivery(control, { ...delivery, problem: undefined });
      } catch (cause) {
        tellDelivery(control, { ...delivery, problem: cause });
        away.add(channelOf(to));
        failure ??= { cause };
      }
    }
  }
  if (failure !== undefined) throw failure.cause;
}

function whereItStands({ alerts }: OperationsDocument, key: string, to: Binding): Shown | undefined {
  return alerts.find((alert) => postKeyOf(alert) === key)?.shown.find((shown) => isSamePlace(shown, to));
}

type Shown = AlertRecord["shown"][number];

function isSamePlace(a: { surface: string; channel: string }, b: { surface: string; channel: string }): boolean {
  return a.surface === b.surface && a.channel === b.channel;
}

/** It stands there now; what has become of it meanwhile is another message, and still to be delivered. */
function delivered(
  operations: OperationsDocument,
  { key, card }: OperatorPost,
  to: Binding,
  { thread, message }: { thread: string; message: string },
): OperationsDocument {
  const operatorPosts = operations.operatorPosts
    .map((post) =>
      post.key === key && isDeepStrictEqual(post.card, card)
        ? { ...post, to: post.to.filter((place) => !isSamePlace(place, to)) }
        : post,
    )
    .filter((post) => post.to.length > 0);
  const { surface, channel } = to;
  const alerts = operations.alerts.map((alert) => {
    if (postKeyOf(alert) !== key) return alert;
    const others = alert.shown.filter((shown) => !isSamePlace(shown, to));
    return { ...alert, shown: [...others, { surface, channel, thread, message }] };
  });
  return { ...operations, operatorPosts, alerts };
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
