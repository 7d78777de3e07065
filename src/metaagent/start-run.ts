import { createHash } from "node:crypto";
import type { Command, CommandReply } from "../contracts/command.ts";
import type { RunEvent } from "../contracts/event.ts";
import { AUTOMATION, type RunId } from "../contracts/id.ts";
import type { LanguageResolution } from "../contracts/language.ts";
import type { Binding, MetaTask } from "../contracts/task.ts";
import { SHIPPED_LANGUAGES, translatorFor, type Translator } from "../i18n.ts";
import { validateArguments } from "../spine/arguments.ts";
import { resolveLanguage } from "../spine/language.ts";
import type { Control } from "./deps.ts";
import { already, notAllowed } from "./replies.ts";

/** A run's id follows from the command that started it, so a redelivered start is the same run. */
export function runIdOf(commandId: string): RunId {
  const digest = createHash("sha256").update(commandId).digest();
  const number = digest.readBigUInt64BE(0);
  return `run_${number.toString(32).padStart(13, "0")}`;
}

/** Makes a run of a task; the same command again is the same run. */
export async function startRun(
  control: Control,
  command: Extract<Command, { kind: "run.start" }>,
): Promise<CommandReply> {
  const { id: commandId, task } = command;
  const runId = runIdOf(commandId);
  const known = await control.engine.read(runId);
  const language = languageOf(control, task);
  const words = translatorFor(language.language);
  if (known !== undefined) return already(runId, words.t("reply.already_started"));
  const problem = notAllowed(control, command, undefined, words) ?? taskProblem(control, task, words);
  if (problem !== undefined) return problem;
  if (!control.mayUseWorkspace(command.by, task.workspace)) {
    return {
      kind: "refused",
      code: "workspace.not_allowed",
      message: words.t("reply.workspace_not_allowed", { folder: task.workspace }),
    };
  }
  if (!(await control.workspace.isFolder(task.workspace))) {
    return {
      kind: "refused",
      code: "workspace.missing",
      message: words.t("reply.no_workspace", { folder: task.workspace }),
    };
  }
  // Refused here it is a slip of the pen; found out by the run it is a dead letter.
  if (await control.workspace.isInsideGit(task.workspace)) {
    return {
      kind: "refused",
      code: "workspace.not_a_work_tree",
      message: words.t("reply.no_work_tree", { folder: task.workspace }),
    };
  }
  const event: RunEvent = {
    kind: "run.started",
    id: commandId,
    at: control.clock.now(),
    runId,
    task: {
      ...taskWithDeadline(task, control.clock.now()),
      bindings: bindingsOf(control, command),
    },
    tenant: control.tenantOf({ ...task, bindings: homeOf(control, command) }),
    language,
  };
  const committed = await control.state.commit(runId, event);
  if (committed.kind === "duplicate") return already(runId, words.t("reply.already_started"));
  return { kind: "accepted", runId, version: committed.document.run.version };
}

/** "Within two hours" begins to count when it is asked for. */
function taskWithDeadline({ withinMs, ...task }: MetaTask, now: number): MetaTask {
  return withinMs === undefined || task.deadline !== undefined ? task : { ...task, deadline: now + withinMs };
}

/** Where the run's home is a channel of operators, they see there how it ends: it is not told a second time. */
function bindingsOf(control: Control, command: Extract<Command, { kind: "run.start" }>): Binding[] {
  const home = homeOf(control, command);
  const isHome = (to: Binding): boolean =>
    home.some(({ surface, channel }) => surface === to.surface && channel === to.channel);
  return [...home, ...control.operatorChannels.filter((to) => !isHome(to))];
}

/** What a program starts gets its thread in the configured channel, unless the program names another place. */
function homeOf(control: Control, { by, task }: Extract<Command, { kind: "run.start" }>): Binding[] {
  const { automationChannel } = control;
  const unplaced = by.surface === AUTOMATION.surface && task.bindings.length === 0;
  return unplaced && automationChannel !== null ? [automationChannel] : task.bindings;
}

export function languageOf(control: Control, task: MetaTask): LanguageResolution {
  return resolveLanguage({
    toolSelected: control.toolLanguage,
    explicit: task.language,
    latestInput: task.goal,
    environment: task.environmentLanguage,
    shipped: SHIPPED_LANGUAGES,
  });
}

/** What can be known to be wrong with a task before a run is made of it. */
function taskProblem(control: Control, task: MetaTask, words: Translator): CommandReply | undefined {
  if (task.macro === undefined) return undefined;
  const macro = control.catalog.macros.find((known) => known.id === task.macro);
  if (macro === undefined) {
    const names = words.list(control.catalog.macros.map((known) => known.id));
    return {
      kind: "refused",
      code: "macro.unknown",
      message: words.t("reply.unknown_macro", { came: task.macro, known: names }),
    };
  }
  const verdict = validateArguments(macro, { ...task.args, ...task.presetArgs });
  if (verdict.ok) return undefined;
  return {
    kind: "refused",
    code: "macro.bad_argument",
    message: verdict.problems.map((problem) => words.say(problem)).join("\n"),
  };
}
