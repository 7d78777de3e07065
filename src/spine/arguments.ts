import { argumentFromText, checkArgument } from "../commands/argument.ts";
import type { ArgumentValue, MacroArgument } from "../contracts/macro-argument.ts";
import type { Macro } from "../contracts/macro.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { commandProblems } from "./declared-command.ts";

export type ArgumentsVerdict =
  | { readonly ok: true; readonly args: Record<string, ArgumentValue> }
  | { readonly ok: false; readonly problems: Text[] };

/** The macro's defaults with what was given over them; every wrong or unknown argument is named. */
export function validateArguments(
  macro: Pick<Macro, "args" | "lanes">,
  given: Readonly<Record<string, ArgumentValue>>,
): ArgumentsVerdict {
  const lanes = macro.lanes.map((lane) => lane.id);
  const problems: Text[] = [];
  const args = Object.fromEntries(Object.entries(macro.args).map(([id, definition]) => [id, definition.default]));
  for (const [id, value] of Object.entries(given)) {
    const definition = Object.hasOwn(macro.args, id) ? macro.args[id] : undefined;
    if (definition === undefined) {
      const known = Object.keys(macro.args).join(", ");
      problems.push(keyed("refusal.unknown_argument", { came: id, known, count: Object.keys(macro.args).length }));
      continue;
    }
    const verdict = checkArgument(definition, asTyped(definition, value), lanes);
    if (verdict.ok) args[id] = verdict.value;
    else problems.push(verdict.message);
  }
  if (problems.length === 0) problems.push(...commandProblems(macro, args));
  return problems.length === 0 ? { ok: true, args } : { ok: false, problems };
}

/** From a chat every value comes as the text that was typed; a number in a file or a program is one already. */
function asTyped(definition: MacroArgument, value: ArgumentValue): ArgumentValue {
  const isText = definition.type === "string" || definition.type === "choice";
  return typeof value === "string" && !isText ? argumentFromText(definition, value) : value;
}
