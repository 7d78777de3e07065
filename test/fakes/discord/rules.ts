import { ComponentType, MessageFlags } from "discord-api-types/v10";

/**
 * What Discord refuses, in one table: field limits of the documentation, and the rules between fields that no builder
 * checks. Written from the documentation, not from the adapter.
 */
const FIELDS: Readonly<Record<string, { readonly min?: number; readonly max: number }>> = {
  "button.label": { min: 1, max: 80 },
  "any.custom_id": { min: 1, max: 100 },
  "select.placeholder": { max: 150 },
  "select.options": { min: 1, max: 25 },
  "option.label": { min: 1, max: 100 },
  "option.value": { min: 1, max: 100 },
  "option.description": { min: 1, max: 100 },
  "section.components": { min: 1, max: 3 },
  "label.label": { min: 1, max: 45 },
  "label.description": { min: 1, max: 100 },
  "input.value": { max: 4000 },
  "input.max_length": { min: 1, max: 4000 },
  "modal.title": { min: 1, max: 45 },
  "modal.components": { min: 1, max: 5 },
  "message.content": { max: 2000 },
  "message.nonce": { max: 25 },
  "thread.name": { min: 1, max: 100 },
  "choice.name": { min: 1, max: 100 },
  "choice.value": { min: 1, max: 100 },
  choices: { max: 25 },
  commands: { max: 100 },
  "command.name": { min: 1, max: 32 },
  "command.description": { min: 1, max: 100 },
  "command.options": { max: 25 },
  "text.content": { min: 1, max: 4000 },
};
const COMPONENTS_IN_ALL = 40;
const CHARACTERS_IN_ALL = 4000;
/** Above this Discord fails with HTTP 500 (discord-api-docs#8554). */
const WEIGHT_IN_ALL = 10_170;
const ARCHIVE_MINUTES = [60, 1440, 4320, 10_080];

export type Body = Readonly<Record<string, unknown>>;

interface About {
  /** The message has had the flag. */
  readonly wasV2?: boolean;
  readonly isEdit?: boolean;
  /** Names of the files that come with it, or that the message has. */
  readonly files?: readonly string[];
}

/** What is wrong with a request's body; empty where Discord would take it. */
export function problemsOfMessage(body: Body, { wasV2 = false, isEdit = false, files = [] }: About = {}): string[] {
  const problems: string[] = [];
  const flags = Number(body["flags"] ?? 0);
  const isV2 = (flags & MessageFlags.IsComponentsV2) !== 0;
  const components = listOf(body["components"]);
  if (wasV2 && !isV2 && body["flags"] !== undefined) problems.push("the flag of Components V2 cannot be taken away");
  if (isV2 || wasV2) {
    for (const field of ["content", "embeds", "poll", "stickers"]) {
      if (body[field] !== undefined && body[field] !== null) problems.push(`${field} does not go with Components V2`);
    }
    if (!isEdit && components.length === 0) problems.push("a message without components");
  } else if (components.some(({ type }) => type !== ComponentType.ActionRow)) {
    problems.push("these components need the flag of Components V2");
  }
  check(problems, "message.content", body["content"]);
  check(problems, "message.nonce", body["nonce"]);
  const mentions = body["allowed_mentions"] as { parse?: unknown[] } | undefined;
  if (mentions?.parse?.length !== 0) problems.push("nothing keeps this message from mentioning people");
  return [...problems, ...problemsOfFiles(body, components, files), ...problemsOfComponents(components, "message")];
}

/** A file is shown by the name under which it was sent; one that nothing shows would be seen by nobody. */
function problemsOfFiles(body: Body, components: readonly Component[], files: readonly string[]): string[] {
  const shown = components.flatMap(withNested).flatMap(({ type, file }) => {
    const url = type === ComponentType.File ? (file as { url?: unknown } | undefined)?.url : undefined;
    return type === ComponentType.File ? [typeof url === "string" ? url : ""] : [];
  });
  const named = listOf(body["attachments"]).map(({ filename }) => filename);
  return [
    ...shown
      .filter((url) => !files.some((name) => url === `attachment://${name}`))
      .map((url) => `no file for “${url}”`),
    ...files.filter((name) => !shown.includes(`attachment://${name}`)).map((name) => `nothing shows the file ${name}`),
    ...named.filter((name) => !files.some((file) => file === name)).map((name) => `no file comes as ${String(name)}`),
  ];
}

export function problemsOfModal(body: Body): string[] {
  const problems: string[] = [];
  check(problems, "modal.title", body["title"]);
  check(problems, "any.custom_id", body["custom_id"]);
  const components = listOf(body["components"]);
  check(problems, "modal.components", components);
  for (const { type } of components) {
    if (type !== ComponentType.Label && type !== ComponentType.TextDisplay) {
      problems.push(`a component of type ${type} does not stand in a form by itself`);
    }
  }
  return [...problems, ...problemsOfComponents(components, "modal")];
}

export function problemsOfThread(body: Body): string[] {
  const problems: string[] = [];
  check(problems, "thread.name", body["name"]);
  const minutes = body["auto_archive_duration"];
  if (minutes !== undefined && !ARCHIVE_MINUTES.includes(Number(minutes)))
    problems.push(`${Number(minutes)} archive minutes`);
  return problems;
}

export function problemsOfChoices(choices: readonly Body[]): string[] {
  const problems: string[] = [];
  check(problems, "choices", choices);
  for (const { name, value } of choices) {
    check(problems, "choice.name", name);
    check(problems, "choice.value", value);
  }
  return problems;
}

interface Component {
  readonly type: ComponentType;
  readonly [field: string]: unknown;
}

function problemsOfComponents(components: readonly Component[], where: "message" | "modal"): string[] {
  const all = components.flatMap(withNested);
  const problems = all.flatMap(problemsOfOne);
  const texts = all.filter(({ type }) => type === ComponentType.TextDisplay).map(({ content }) => String(content));
  const characters = texts.reduce((total, text) => total + Array.from(text).length, 0);
  const weight = texts.reduce((total, text) => total + Buffer.byteLength(text) + 12, 0);
  if (where === "message" && all.length > COMPONENTS_IN_ALL) problems.push(`${all.length} components in all`);
  if (characters > CHARACTERS_IN_ALL) problems.push(`${characters} characters in all`);
  if (weight > WEIGHT_IN_ALL) problems.push(`a weight of ${weight} bytes`);
  const ids = all.flatMap(({ custom_id: id }) => (typeof id === "string" ? [id] : []));
  for (const id of new Set(ids)) {
    if (ids.filter((other) => other === id).length > 1) problems.push(`two components have the id ${id}`);
  }
  for (const component of all) {
    if (component.type !== ComponentType.Container) continue;
    if (!components.includes(component)) problems.push("a container inside of something");
  }
  return problems;
}

type Rule = (problems: string[], component: Component, nested: Component[]) => void;

/** What is asked of each kind of component; those that are not here are taken as they are. */
const RULES: Partial<Record<ComponentType, Rule>> = {
  [ComponentType.ActionRow]: (problems, _component, nested) => {
    const buttons = nested.filter(({ type }) => type === ComponentType.Button).length;
    if (nested.length === 0) problems.push("an empty row");
    if (buttons > 5) problems.push(`${buttons} buttons in a row`);
    if (buttons > 0 && buttons < nested.length) problems.push("a row with buttons and something else");
    if (buttons === 0 && nested.length > 1) problems.push(`${nested.length} selects in a row`);
  },
  [ComponentType.Button]: (problems, component) => {
    check(problems, "button.label", component["label"]);
    check(problems, "any.custom_id", component["custom_id"]);
  },
  [ComponentType.StringSelect]: (problems, component) => {
    const options = listOf(component["options"]);
    check(problems, "any.custom_id", component["custom_id"]);
    check(problems, "select.placeholder", component["placeholder"]);
    check(problems, "select.options", options);
    for (const option of options) {
      for (const field of ["label", "value", "description"]) check(problems, `option.${field}`, option[field]);
    }
    const values = options.map(({ value }) => value);
    if (new Set(values).size !== values.length) problems.push("two options of a select have the same value");
    const most = Number(component["max_values"] ?? 1);
    if (options.filter((option) => option["default"] === true).length > most)
      problems.push("more defaults than values");
    if (most > options.length) problems.push("more values than options");
  },
  [ComponentType.TextInput]: (problems, component) => {
    check(problems, "any.custom_id", component["custom_id"]);
    check(problems, "input.value", component["value"]);
    check(problems, "input.max_length", component["max_length"]);
  },
  [ComponentType.Section]: (problems, component, nested) => {
    check(problems, "section.components", nested);
    if (nested.some(({ type }) => type !== ComponentType.TextDisplay)) problems.push("a section with more than text");
    if (component["accessory"] === undefined) problems.push("a section without its accessory");
  },
  [ComponentType.TextDisplay]: (problems, component) => {
    check(problems, "text.content", component["content"]);
  },
  [ComponentType.Label]: (problems, component) => {
    check(problems, "label.label", component["label"]);
    check(problems, "label.description", component["description"]);
  },
  [ComponentType.Container]: (problems, _component, nested) => {
    if (nested.length === 0) problems.push("an empty container");
  },
};

function problemsOfOne(component: Component): string[] {
  const problems: string[] = [];
  RULES[component.type]?.(problems, component, listOf(component["components"]));
  return problems;
}

export function check(problems: string[], rule: string, value: unknown): void {
  if (value === undefined || value === null) return;
  const { min = 0, max } = FIELDS[rule] ?? { max: 0 };
  const size =
    typeof value === "number"
      ? value
      : typeof value === "string"
        ? Array.from(value).length
        : (value as unknown[]).length;
  if (size < min || size > max) problems.push(`${rule} is ${size}, expected ${min} to ${max}`);
}

/** A component with everything inside of it: accessories and the fields of labels too. */
export function withNested(component: Component): Component[] {
  const inside = [...listOf(component["components"]), ...one(component["accessory"]), ...one(component["component"])];
  return [component, ...inside.flatMap(withNested)];
}

function one(value: unknown): Component[] {
  return value === undefined ? [] : [value as Component];
}

export function listOf(value: unknown): Component[] {
  return Array.isArray(value) ? (value as Component[]) : [];
}
