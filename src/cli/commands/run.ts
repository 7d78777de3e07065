import { resolve } from "node:path";
import { deadlineIn, type Deadline } from "../../commands/deadline.ts";
import { GOAL_LIMIT, MetaTask } from "../../contracts/task.ts";
import { languageOfEnvironment } from "../../config.ts";
import { Language } from "../../contracts/language.ts";
import { InputError, parseAtDoor } from "../../errors.ts";
import { translatorFor } from "../../i18n.ts";
import { parseAnswersFile } from "../answers-file.ts";
import { macroNamed, parseArguments } from "../argument-values.ts";
import { commandBase, withSession, type Cli } from "../cli.ts";
import { acceptedBy, conductRun, type Answering } from "../conduct.ts";
import type { ExitCode } from "../exit-code.ts";

export interface RunOptions {
  readonly macro?: string;
  readonly arg?: readonly string[];
  readonly workspace?: string;
  readonly answers?: string;
  readonly priority?: string;
  readonly deadline?: string;
}

export async function run(cli: Cli, goal: string, options: RunOptions): Promise<ExitCode> {
  const answering = answeringOf(cli, options.answers);
  const task = await taskOf(cli, goal, options, answering);
  return withSession(cli, async (session) => {
    const reply = await session.door.handle({ ...commandBase(cli), kind: "run.start", task });
    const { runId, version } = acceptedBy(reply);
    cli.emit({ type: "run.started", runId });
    const started = await session.query.run(runId);
    const words = started === undefined ? cli.translator : translatorFor(started.envelope.resolvedOutputLanguage);
    cli.say(words.t("cli.started", { runId }));
    return conductRun(cli, session, { runId, answering, since: version });
  });
}

/** Reads the file before anything is started, so that a bad one loses nothing. */
export function answeringOf(cli: Cli, option: string | undefined, beforehand = true): Answering {
  const { world, translator, userFolder } = cli;
  if (option === undefined || option === "ask") return { kind: world.isTerminal && !cli.json ? "person" : "nobody" };
  if (option === "recommended") return { kind: "recommended", beforehand };
  const file = resolve(userFolder, option);
  const text = world.readText(file);
  if (text === undefined) throw new InputError("answers.missing", translator.t("cli.answers.no_file", { file }));
  return { kind: "file", file: parseAnswersFile(file, text, translator) };
}

/** What a person typed is refused in the person's words; the contract would do it in those of a program. */
function goalOf({ translator, commandLine }: Cli, typed: string): string {
  const goal = typed.trim();
  if (goal === "") throw new InputError("input.no_goal", translator.t("cli.no_goal", { command: commandLine("run") }));
  if (goal.length <= GOAL_LIMIT) return goal;
  const lengths = { limit: GOAL_LIMIT, length: goal.length };
  throw new InputError("input.goal_too_long", translator.t("chat.refused.goal_too_long", lengths));
}

function priorityOf({ translator }: Cli, typed: string | undefined): number {
  if (typed === undefined) return 0;
  if (/^[+-]?[0-2]$/.test(typed)) return Number(typed);
  throw new InputError("priority.invalid", translator.t("chat.refused.priority", { came: typed.slice(0, 80) }));
}

function deadlineOf({ translator }: Cli, typed: string | undefined): Deadline | undefined {
  if (typed === undefined) return undefined;
  const deadline = deadlineIn(typed);
  if (deadline === undefined) {
    throw new InputError("deadline.invalid", translator.t("chat.refused.deadline", { came: typed.slice(0, 80) }));
  }
  return deadline;
}

async function taskOf(cli: Cli, goal: string, options: RunOptions, answering: Answering): Promise<MetaTask> {
  const { translator, world, userFolder, by, chosenLanguage } = cli;
  const macros = options.macro === undefined && options.arg === undefined ? [] : await world.macros(cli.settings);
  if (options.macro !== undefined) macroNamed(options.macro, macros, translator);
  const workspace = resolve(userFolder, options.workspace ?? ".");
  // Found out here it is a slip of the pen; found out by the run it is a dead letter.
  if (!world.isFolder(workspace)) {
    throw new InputError("workspace.missing", translator.t("cli.no_workspace", { folder: workspace }));
  }
  if (await world.isInsideGit(workspace)) {
    throw new InputError("workspace.inside_git", translator.t("cli.workspace_inside_git", { folder: workspace }));
  }
  const environmentLanguage = languageOfEnvironment(world.environment);
  return parseAtDoor(
    MetaTask,
    {
      goal: goalOf(cli, goal),
      args: parseArguments(options.arg ?? [], options.macro, macros, translator),
      workspace,
      requestedBy: by,
      priority: priorityOf(cli, options.priority),
      answers: answering.kind === "recommended" ? "recommended" : "ask",
      ...deadlineOf(cli, options.deadline),
      ...(options.macro !== undefined && { macro: options.macro }),
      ...(chosenLanguage !== undefined && { language: parseAtDoor(Language, chosenLanguage, "--language") }),
      ...(environmentLanguage !== undefined && { environmentLanguage }),
    },
    translator.t("cli.task"),
  );
}
