import type { CommandReply } from "../contracts/command.ts";
import type { DecisionCard } from "../contracts/card.ts";
import type { Answers } from "../contracts/decision.ts";
import type { RunId } from "../contracts/id.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { RunView } from "../contracts/view.ts";
import { CoxswainError, InputError } from "../errors.ts";
import { answersFor, concerns, type AnswersFile } from "./answers-file.ts";
import { translatorFor, type Translator } from "../i18n.ts";
import { commandBase, type Cli } from "./cli.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { createPresenter, type Presenter } from "./presenter.ts";
import { endedLine, waitingLine } from "./run-lines.ts";
import type { Session } from "./session.ts";
import { watchRun } from "./watch-run.ts";

/** Who answers the cards of a run, as far as this call of the program goes. */
export type Answering =
  | { readonly kind: "person" }
  | { readonly kind: "nobody" }
  /**
   * Takes what is recommended on the card that is open now, and nothing after it. Said before a run began, it is no
   * permission to write: nobody had seen the change (G3).
   */
  | { readonly kind: "recommended"; readonly beforehand: boolean }
  | { readonly kind: "file"; readonly file: AnswersFile };

interface Reply {
  readonly answers: Answers | "recommended";
  readonly args: Record<string, ArgumentValue>;
  readonly inAdvance?: boolean;
}

interface Conduct {
  readonly cli: Cli;
  readonly session: Session;
  readonly runId: RunId;
  readonly presenter: Presenter;
  /** Decisions that were answered here: a state from before the answer must not ask again. */
  readonly answered: Set<string>;
  /** Questions that the file has answered: one that is asked again was taken back, or is another one. */
  readonly usedUp: Set<string>;
  /** What is said about the run is said in its language, once that is known (G9). */
  words: Translator;
}

/**
 * Goes along with a run until it ends, waits for somebody who is not here, or the person interrupts. `since` leaves
 * out states older than the change that began it.
 */
export async function conductRun(
  cli: Cli,
  session: Session,
  { runId, answering, since = 0 }: { runId: RunId; answering: Answering; since?: number },
): Promise<ExitCode> {
  const presenter = createPresenter(cli);
  const told = { answered: new Set<string>(), usedUp: new Set<string>() };
  const conduct: Conduct = { cli, session, runId, presenter, ...told, words: cli.translator };
  const interrupted = Promise.withResolvers<"interrupted">();
  const offInterrupt = cli.world.onInterrupt(() => interrupted.resolve("interrupted"));
  const states = watchRun(session.query, runId, presenter);
  try {
    if (!(await session.follow(runId))) return lostExit(conduct, cli.translator.t("cli.not_worked_on"));
    for (let who = answering; ;) {
      const next = await Promise.race([states.next(), interrupted.promise, session.lost]);
      if (next === "interrupted") return interruptedExit(conduct);
      if (next instanceof Error) return lostExit(conduct, next.message);
      if (next.version < since) continue;
      conduct.words = translatorFor(next.envelope.resolvedOutputLanguage);
      presenter.state(next);
      const step = await Promise.race([react(conduct, next, who), interrupted.promise]);
      if (step === "interrupted") return interruptedExit(conduct);
      if (step === "answered" && who.kind === "recommended") who = { kind: "nobody" };
      if (typeof step === "number") return step;
    }
  } finally {
    states.end();
    offInterrupt();
    presenter.pause();
  }
}

/** What the program does about one state of the run: nothing, an answer, or the end of the call. */
async function react(conduct: Conduct, view: RunView, who: Answering): Promise<ExitCode | "answered" | "moving"> {
  switch (view.summary.status) {
    case "active":
      return "moving";
    case "waiting": {
      const card = view.decision;
      if (card === null || card.resolved !== null || conduct.answered.has(card.decisionId)) return "moving";
      return meetCard(conduct, card, who);
    }
    case "completed":
    case "dead_letter":
    case "canceled":
    case "discarded":
    case "refused":
      return endedExit(conduct, view);
  }
}

async function meetCard(conduct: Conduct, card: DecisionCard, who: Answering): Promise<ExitCode | "answered"> {
  const { presenter, words } = conduct;
  presenter.pause();
  switch (who.kind) {
    case "nobody":
      return waitingExit(conduct, card);
    case "recommended":
      // What nobody could know of beforehand is not answered beforehand.
      if (who.beforehand && (card.about === "permission" || card.about === "policy_violation"))
        return waitingExit(conduct, card);
      return answer(conduct, card, { answers: "recommended", args: {}, inAdvance: who.beforehand });
    case "file":
      if (!concerns(who.file, card, conduct.usedUp)) return waitingExit(conduct, card);
      return answerFromFile(conduct, card, answersFor(who.file, card, words));
    case "person":
      return answerByPerson(conduct, card);
  }
}

/** Whoever sits there mends what was refused, with all that was chosen before still chosen. */
async function answerByPerson(conduct: Conduct, card: DecisionCard): Promise<ExitCode | "answered"> {
  const { cli, words } = conduct;
  let prompted = await cli.world.terminal.promptDecision(card);
  while (prompted !== undefined) {
    const reply = await send(conduct, card, prompted);
    if (reply.kind !== "refused") return "answered";
    cli.world.err(`${words.t("cli.error", { message: reply.message })}\n`);
    prompted = await cli.world.terminal.promptDecision(card, prompted);
  }
  return interruptedExit(conduct);
}

async function answer(conduct: Conduct, card: DecisionCard, given: Reply): Promise<"answered"> {
  const reply = await send(conduct, card, given);
  if (reply.kind === "refused") throw new InputError(reply.code, reply.message);
  return "answered";
}

/** A file answers each question once: after an undo, only a person does. */
async function answerFromFile(conduct: Conduct, card: DecisionCard, given: ReturnType<typeof answersFor>) {
  const answered = await answer(conduct, card, given);
  for (const question of Object.keys(given.answers)) conduct.usedUp.add(question);
  return answered;
}

async function send(conduct: Conduct, card: DecisionCard, { answers, args, inAdvance }: Reply): Promise<CommandReply> {
  const { cli, session, runId, answered } = conduct;
  const reply = await session.door.handle({
    ...commandBase(cli),
    kind: "decision.answer",
    runId,
    decisionId: card.decisionId,
    answers,
    args,
    ...(inAdvance === true && { inAdvance }),
  });
  if (reply.kind === "refused") return reply;
  if (reply.kind === "already") cli.say(reply.message);
  answered.add(card.decisionId);
  return reply;
}

/** The card, exactly once, and how to answer it. */
function waitingExit({ cli, runId, words }: Conduct, card: DecisionCard): ExitCode {
  cli.emit(waitingLine(card));
  cli.say(cli.world.terminal.renderCard(card));
  cli.say("");
  cli.say(words.t("cli.waiting", { command: cli.commandLine(`answer ${runId} --answers answers.json`) }));
  cli.say(JSON.stringify({ answers: recommendedAnswers(card) }, null, 2));
  return EXIT.waiting;
}

function recommendedAnswers(card: DecisionCard): Answers {
  const recommended = card.questions.map(({ id, options }) => [id, options.find((option) => option.recommended)?.id]);
  return Object.fromEntries(recommended.filter(([, option]) => option !== undefined));
}

function endedExit({ cli, presenter, words, runId }: Conduct, view: RunView): ExitCode {
  presenter.pause();
  cli.emit(endedLine(view));
  // A run that was brought back to life still has its dead letter; what counts is how it ended.
  const card = view.summary.status === "completed" ? view.result : (view.deadLetter ?? view.result);
  cli.say(card === null ? endedInWords(words, view) : cli.world.terminal.renderCard(card));
  if (view.artifacts.length > 0) cli.say(`\n${words.t("cli.files", { folder: view.folder })}`);
  if (view.summary.status === "dead_letter") {
    const retry = cli.commandLine(`dead-letters retry ${runId}`);
    const discard = cli.commandLine(`dead-letters discard ${runId} --reason "…"`);
    cli.say(`\n${words.t("cli.dead_letters.ways", { retry, discard })}`);
  }
  if (view.summary.status !== "completed") return EXIT.failed;
  return view.verdict?.kind === "blocked" ? EXIT.blocked : EXIT.completed;
}

function endedInWords(words: Translator, view: RunView): string {
  const { runId, status } = view.summary;
  const reason = view.failure === null ? "" : words.say(view.failure.text);
  return words.t("cli.ended", { runId, status: words.t(`cli.status.${status}`), reason });
}

function interruptedExit({ cli, session, runId, presenter, words }: Conduct): ExitCode {
  presenter.pause();
  const command = cli.commandLine(`resume ${runId}`);
  cli.emit({ type: "run.interrupted", runId, parked: session.owner, resume: command });
  cli.say(words.t(session.owner ? "cli.parked" : "cli.detached", { command }));
  return EXIT.interrupted;
}

/** Nobody works on the run any more, or not yet; it is where its last durable change left it. */
function lostExit(conduct: Conduct, reason: string): ExitCode {
  const { cli, runId, presenter, words } = conduct;
  presenter.pause();
  const command = cli.commandLine(`resume ${runId}`);
  cli.world.err(`${reason}\n`);
  cli.emit({ type: "run.interrupted", runId, parked: true, resume: command });
  cli.say(words.t("cli.parked", { command }));
  return EXIT.interrupted;
}

/** The run and its new version, or an error with the refusal in words. */
export function acceptedBy(reply: CommandReply): { runId: RunId; version: number } {
  switch (reply.kind) {
    case "accepted":
      return reply;
    case "already":
      return { runId: reply.runId, version: 0 };
    case "done":
      throw new CoxswainError("cli.no_run", reply.message);
    case "refused":
      throw new CoxswainError(reply.code, reply.message);
  }
}
