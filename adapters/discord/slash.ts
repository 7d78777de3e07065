import { parseChat, type ChatRequest } from "../../src/commands/chat.ts";
import { RunId, Slug } from "../../src/contracts/id.ts";

/** Options of `/cox run` that take one argument each, `name=value`. */
export const ARGUMENT_OPTIONS = ["argument", "argument2", "argument3"] as const;

/** A slash command in the grammar of every platform. Where something is wrong, that grammar says what. */
export function requestOf(subcommand: string, options: Readonly<Record<string, string>>): ChatRequest {
  const run = options["run"]?.trim() ?? "";
  switch (subcommand) {
    case "run":
      return runRequest(options);
    case "language":
      return parseChat(`/cox language ${options["tag"] ?? ""}`, { inThread: true });
    case "dead-letters": {
      const action = options["action"] ?? "list";
      const runId = RunId.safeParse(run);
      const reason = options["reason"]?.trim() ?? "";
      if (action !== "discard" || reason === "" || (run !== "" && !runId.success)) {
        return parseChat(`/cox dead-letters ${action} ${run}`, { inThread: true });
      }
      return { kind: "dead_letters", action, reason, ...(runId.success ? { runId: runId.data } : {}) };
    }
    case "status":
    case "cancel":
    case "queue":
    case "help":
      return parseChat(`/cox ${subcommand} ${run}`, { inThread: true });
    default:
      return { kind: "unknown", text: `/cox ${subcommand}` };
  }
}

/** Taken as it was typed: a goal may hold quotes and dashes that a command line would read otherwise. */
function runRequest(options: Readonly<Record<string, string>>): ChatRequest {
  const { goal = "", macro, workspace, priority } = options;
  const args: Record<string, string> = {};
  for (const option of ARGUMENT_OPTIONS) {
    const pair = options[option];
    if (pair === undefined || pair === "") continue;
    const [, name = "", value = ""] = /^([^=]+)=([\s\S]*)$/u.exec(pair) ?? [];
    if (!Slug.safeParse(name.trim()).success)
      return parseChat(`/cox run --arg ${firstWord(pair)} x`, { inThread: false });
    args[name.trim()] = value;
  }
  if (goal.trim() === "") return parseChat("/cox run", { inThread: false });
  if (macro !== undefined && !Slug.safeParse(macro).success) {
    return parseChat(`/cox run --macro ${firstWord(macro)} x`, { inThread: false });
  }
  return {
    kind: "run",
    goal: goal.trim(),
    args,
    ...(macro === undefined ? {} : { macro }),
    ...(workspace === undefined || workspace === "" ? {} : { workspace }),
    ...(priority === undefined ? {} : { priority: Number(priority) }),
  };
}

function firstWord(text: string): string {
  return text.split(/[\s"'=]/u)[0] ?? "";
}
