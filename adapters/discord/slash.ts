import { parseChat, parseFields, type ChatRequest } from "../../src/commands/chat.ts";
import { RunId } from "../../src/contracts/id.ts";

/** Options of `/cox run` and `/cox dead-letters` that take one argument each, `name=value`. */
export const ARGUMENT_OPTIONS = ["argument", "argument2", "argument3"] as const;

/** A slash command in the grammar of every platform. Where something is wrong, that grammar says what. */
export function requestOf(subcommand: string, options: Readonly<Record<string, string>>): ChatRequest {
  const run = options["run"]?.trim() ?? "";
  switch (subcommand) {
    case "run":
      return runRequest(options);
    case "language":
      return parseChat(`/cox language ${options["tag"] ?? ""}`, { inThread: true });
    case "dead-letters":
      return deadLettersRequest(run, options);
    case "queue":
      return parseFields("queue", [
        ...given(options, "act"),
        ...optionWords(options, "tenant"),
        ...optionWords(options, "macro"),
        ...given(options, "weight"),
      ]);
    case "status":
    case "cancel":
    case "help":
      return parseChat(`/cox ${subcommand} ${run}`, { inThread: true });
    default:
      return { kind: "unknown", text: `/cox ${subcommand}` };
  }
}

function deadLettersRequest(run: string, options: Readonly<Record<string, string>>): ChatRequest {
  // Otherwise what is no id would pass for a reason.
  if (run !== "" && !RunId.safeParse(run).success) return parseFields("dead-letters", ["inspect", run]);
  const action = options["action"] ?? "list";
  const further = {
    retry: [...changes(options), ...optionWords(options, "macro"), ...optionWords(options, "code")],
    discard: optionWords(options, "reason"),
  };
  const more = action === "retry" || action === "discard" ? further[action] : [];
  return parseFields("dead-letters", [action, ...(run === "" ? [] : [run]), ...more]);
}

function changes(options: Readonly<Record<string, string>>): string[] {
  return ARGUMENT_OPTIONS.flatMap((name) => given(options, name)).flatMap((pair) => ["--arg", pair]);
}

/** An option that was filled in. */
function given(options: Readonly<Record<string, string>>, name: string): string[] {
  const value = options[name]?.trim() ?? "";
  return value === "" ? [] : [value];
}

function optionWords(options: Readonly<Record<string, string>>, name: string): string[] {
  return given(options, name).flatMap((value) => [`--${name}`, value]);
}

/** The goal is taken as it was typed: it may hold quotes and dashes that a command line would read otherwise. */
function runRequest(options: Readonly<Record<string, string>>): ChatRequest {
  const [goal] = given(options, "goal");
  if (goal === undefined) return parseFields("run", []);
  const request = parseFields("run", [
    ...changes(options),
    ...["macro", "workspace", "priority", "deadline"].flatMap((name) => optionWords(options, name)),
    "goal",
  ]);
  return request.kind === "run" ? { ...request, goal } : request;
}
