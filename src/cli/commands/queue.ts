import { setTimeout as delay } from "node:timers/promises";
import { stateLines } from "../../commands/run-lists.ts";
import { weightIn } from "../../commands/queue-words.ts";
import { whyQueued } from "../../commands/why-waiting.ts";
import type { QueueView } from "../../contracts/view.ts";
import { QueueTarget, type QueueAct } from "../../contracts/queue.ts";
import { CoxswainError, InputError } from "../../errors.ts";
import { commandBase, withSession, type Cli } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { isWorkedOn, type Session } from "../session.ts";

/** Of so many places it is said why they wait; programs get it of all. */
const EXPLAINED = 20;
/** How often a drain looks whether anything still runs. */
const LOOK_EVERY_MS = 500;

/** What runs now and what waits, in the order in which it will start, and why. */
export async function queue(cli: Cli): Promise<ExitCode> {
  return withSession(cli, async (session) => {
    const seen = await session.query.queue();
    const view = { ...seen, waiting: await Promise.all(seen.waiting.map((place) => asAttended(session, place))) };
    const words = cli.translator;
    cli.emit({ type: "queue", ...view });
    cli.say(words.t("cli.queue.summary", { running: view.running.length, waiting: view.waitingTotal }));
    for (const line of stateLines(view, words)) cli.say(line);
    for (const { runId, tenant } of view.running) cli.say(words.t("cli.queue.running", { runId, flow: tenant }));
    for (const place of view.waiting) {
      const { position, runId, tenant } = place;
      cli.say(words.t("cli.queue.waiting", { position, runId, flow: tenant }));
      if (position > EXPLAINED) continue;
      for (const line of whyQueued(place, view, words).slice(1)) cli.say(`    ${line}`);
    }
    return EXIT.completed;
  });
}

type Place = QueueView["waiting"][number];

/** An estimate holds only where somebody works on the run. */
async function asAttended(session: Session, place: Place): Promise<Place> {
  const isAttended = await isWorkedOn(session, place.runId);
  return isAttended ? place : { ...place, start: { kind: "nobody" } };
}

export interface TargetOptions {
  readonly tenant?: string;
  readonly macro?: string;
}

type TargetedAct = Extract<QueueAct, { readonly target: QueueTarget }>["kind"];

export function actOnTarget(cli: Cli, kind: TargetedAct, options: TargetOptions): Promise<ExitCode> {
  const target = targetOf(cli, options);
  return withSession(cli, (session) => act(cli, session, { kind, target }));
}

/** `typed`: a number, or `default` for what the settings say. */
export function weighTenant(cli: Cli, typed: string, options: TargetOptions): Promise<ExitCode> {
  const target = targetOf(cli, { tenant: options.tenant ?? "" });
  const weight = weightIn(typed);
  if (weight === undefined) {
    throw new InputError("queue.bad_weight", cli.translator.t("chat.refused.weight", { came: typed }));
  }
  return withSession(cli, (session) => act(cli, session, { kind: "queue.weigh", tenant: target.name, weight }));
}

/** Nothing new starts; waits until nothing runs any more, so that a script can stop the bot then. */
export function drain(cli: Cli, options: { readonly undo?: boolean; readonly wait?: boolean }): Promise<ExitCode> {
  return withSession(cli, async (session) => {
    if (session.owner) throw new CoxswainError("queue.no_bot", cli.translator.t("cli.drain.no_bot"));
    if (options.undo === true) return act(cli, session, { kind: "queue.undrain" });
    await act(cli, session, { kind: "queue.drain" });
    if (options.wait === false) return EXIT.completed;
    return untilDrained(cli, session);
  });
}

async function untilDrained(cli: Cli, { query }: Session): Promise<ExitCode> {
  for (let said = -1; ; await delay(LOOK_EVERY_MS)) {
    const { running, waitingTotal, drainingSince } = await query.queue();
    if (drainingSince === null) throw new CoxswainError("queue.undrained", cli.translator.t("cli.drain.undone"));
    if (running.length !== said) cli.say(cli.translator.t("cli.drain.running", { count: running.length }));
    said = running.length;
    if (said > 0) continue;
    cli.emit({ type: "queue.drained", waiting: waitingTotal });
    cli.say(cli.translator.t("cli.drain.done", { waiting: waitingTotal }));
    return EXIT.completed;
  }
}

async function act(cli: Cli, { door }: Session, wanted: QueueAct): Promise<ExitCode> {
  const reply = await door.handle({ ...commandBase(cli), ...wanted, language: cli.translator.language });
  if (reply.kind === "refused") throw new CoxswainError(reply.code, reply.message);
  if (reply.kind !== "done") throw new CoxswainError("queue.no_answer", `The bot answered "${reply.kind}".`);
  cli.emit({ type: wanted.kind, message: reply.message });
  cli.say(reply.message);
  return EXIT.completed;
}

function targetOf({ translator }: Cli, { tenant, macro }: TargetOptions): QueueTarget {
  const both = tenant !== undefined && macro !== undefined;
  const named = macro === undefined ? { kind: "tenant", name: tenant } : { kind: "macro", name: macro };
  const parsed = QueueTarget.safeParse(named);
  if (both || !parsed.success) throw new InputError("queue.no_target", translator.t("chat.refused.queue_target"));
  return parsed.data;
}
