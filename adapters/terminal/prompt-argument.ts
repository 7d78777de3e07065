import { isCancel, multiselect, text } from "@clack/prompts";
import { argumentFromText, checkArgument, lanesOf } from "../../src/commands/argument.ts";
import type { DecisionCard } from "../../src/contracts/card.ts";
import type { ArgumentValue } from "../../src/contracts/macro-argument.ts";
import type { Translator } from "../../src/i18n.ts";
import { selectOne, type PromptIo } from "./select-one.ts";

type CardArgument = DecisionCard["args"][number];

/** Lets a person change one value; only what fits its definition is taken. Undefined when the person left. */
export async function promptArgument(
  argument: CardArgument,
  value: ArgumentValue,
  words: Translator,
  io: PromptIo,
): Promise<ArgumentValue | undefined> {
  const message = argument.description === "" ? argument.label : `${argument.label} – ${argument.description}`;
  switch (argument.definition.type) {
    case "integer":
    case "string":
      return typed(argument, value, message, words, io);
    case "boolean": {
      const choices = [
        { value: "yes", label: words.t("card.yes") },
        { value: "no", label: words.t("card.no") },
      ];
      const keys = words.t("terminal.keys.select");
      const chosen = await selectOne({ message, choices, initial: value === true ? "yes" : "no", keys }, io);
      return chosen === undefined ? undefined : chosen === "yes";
    }
    case "choice": {
      const choices = (argument.choices ?? []).map(({ id, label }) => ({ value: id, label }));
      return selectOne({ message, choices, initial: String(value), keys: words.t("terminal.keys.select") }, io);
    }
    case "lanes":
      return picked(argument, value, message, words, io);
  }
}

async function typed(
  { definition }: CardArgument,
  value: ArgumentValue,
  message: string,
  words: Translator,
  io: PromptIo,
): Promise<ArgumentValue | undefined> {
  const answer = await text({
    message,
    initialValue: String(value),
    input: io.input,
    output: io.output,
    ...(io.signal === undefined ? {} : { signal: io.signal }),
    validate: (entered) => {
      const verdict = checkArgument(definition, argumentFromText(definition, entered ?? ""), []);
      return verdict.ok ? undefined : words.say(verdict.message);
    },
  });
  return isCancel(answer) ? undefined : argumentFromText(definition, answer);
}

async function picked(
  argument: CardArgument,
  value: ArgumentValue,
  message: string,
  words: Translator,
  io: PromptIo,
): Promise<ArgumentValue | undefined> {
  const choices = argument.choices ?? lanesOf(argument).map((id) => ({ id, label: id }));
  let marked = Array.isArray(value) ? value.filter((id) => choices.some((choice) => choice.id === id)) : [];
  let ask = message;
  for (;;) {
    const answer = await multiselect({
      message: `${ask}\n${words.t("terminal.keys.pick")}`,
      options: choices.map(({ id, label }) => ({ value: id, label })),
      initialValues: marked,
      // The library's own complaint would be in English.
      required: false,
      showInstructions: false,
      input: io.input,
      output: io.output,
      ...(io.signal === undefined ? {} : { signal: io.signal }),
    });
    if (isCancel(answer)) return undefined;
    if (answer.length > 0) return answer;
    marked = [];
    ask = words.t("terminal.pick_one");
  }
}
