/**
 * What Slack refuses, written down from its reference and from what people found out, apart from the adapter's own table:
 * a mistake there must not hide itself here. Each problem is a sentence.
 */
type Json = Record<string, unknown>;
type Surface = "message" | "modal" | "home";

const ALL: readonly Surface[] = ["message", "modal", "home"];
/** Where a block may stand; what is not named is refused. */
const BLOCKS: Readonly<Record<string, readonly Surface[]>> = {
  actions: ALL,
  context: ALL,
  divider: ALL,
  header: ALL,
  image: ALL,
  input: ALL,
  rich_text: ALL,
  section: ALL,
  alert: ["modal"],
  plan: ["message"],
  task_card: ["message"],
  markdown: ["message"],
};
const BLOCK_COUNT: Readonly<Record<Surface, number>> = { message: 50, modal: 100, home: 100 };
/** Slack refuses between 11,000 and 13,000; with room for what is counted and not known. */
const MESSAGE_CHARACTERS = 9000;
const IN_ACTIONS = ["button", "static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow"];
const IN_INPUT = [
  "plain_text_input",
  "number_input",
  "static_select",
  "multi_static_select",
  "radio_buttons",
  "checkboxes",
  "rich_text_input",
];

export function messageProblems(args: Json): string[] {
  const blocks = list(args["blocks"]);
  const text = args["text"];
  return [
    ...(typeof text === "string" && text !== ""
      ? limit("text", text, 4000)
      : ["a message needs text beside its blocks"]),
    ...(blocks.length === 0 ? ["an edit with text alone would take the blocks away"] : []),
    ...blockProblems(blocks, "message"),
    ...(characters(blocks) > MESSAGE_CHARACTERS ? [`msg_blocks_too_long: ${characters(blocks)} characters`] : []),
    ...metadataProblems(args["metadata"]),
  ];
}

export function viewProblems(view: Json): string[] {
  const type = view["type"];
  if (type === "home") return blockProblems(list(view["blocks"]), "home");
  if (type !== "modal") return [`a view of type ${String(type)}`];
  const blocks = list(view["blocks"]);
  const hasInput = blocks.some((block) => block["type"] === "input");
  return [
    ...plainProblems("title", view["title"], 24),
    ...(view["close"] === undefined ? [] : plainProblems("close", view["close"], 24)),
    ...(view["submit"] === undefined ? [] : plainProblems("submit", view["submit"], 24)),
    ...(hasInput && view["submit"] === undefined ? ["a modal with inputs needs submit"] : []),
    ...limit("private_metadata", view["private_metadata"] ?? "", 3000),
    ...limit("callback_id", view["callback_id"] ?? "", 255),
    ...(Buffer.byteLength(JSON.stringify(view)) > 250_000 ? ["a view has at most 250 KB"] : []),
    ...blockProblems(blocks, "modal"),
  ];
}

function metadataProblems(metadata: unknown): string[] {
  if (metadata === undefined) return [];
  const payload = record(record(metadata)["event_payload"]);
  return Object.entries(payload).flatMap(([name, value]) =>
    typeof value === "string" && value.length <= 300 ? [] : [`metadata ${name} is visible to everybody: ids only`],
  );
}

function blockProblems(blocks: readonly Json[], surface: Surface): string[] {
  const ids = blocks.flatMap(({ block_id }) => (block_id === undefined ? [] : [block_id]));
  const plans = blocks.filter(({ type }) => type === "plan");
  return [
    ...(blocks.length > BLOCK_COUNT[surface] ? [`${blocks.length} blocks in a ${surface}`] : []),
    ...(new Set(ids).size === ids.length ? [] : [`block_id twice in ${ids.map((id) => word(id)).join(", ")}`]),
    ...(plans.length > 1 ? ["one plan a message"] : []),
    ...blocks.flatMap((block) => oneBlock(block, surface)),
  ];
}

function oneBlock(block: Json, surface: Surface): string[] {
  const type = String(block["type"]);
  const may = BLOCKS[type];
  if (may === undefined) return [`unknown block ${type}`];
  const problems = [
    ...(may.includes(surface) ? [] : [`${type} in a ${surface}`]),
    ...limit("block_id", block["block_id"] ?? "", 255),
  ];
  switch (type) {
    case "header":
      return [...problems, ...plainProblems("header", block["text"], 150)];
    case "section":
      return [...problems, ...textProblems("section", block["text"], 3000)];
    case "context":
      return [...problems, ...(list(block["elements"]).length > 10 ? ["more than 10 elements in a context"] : [])];
    case "rich_text":
      return [...problems, ...richProblems(block)];
    case "plan":
      return [...problems, ...planProblems(block)];
    case "actions": {
      const elements = list(block["elements"]);
      const ids = elements.map(({ action_id }) => action_id);
      return [
        ...problems,
        ...(elements.length === 0 || elements.length > 25 ? [`${elements.length} elements in actions`] : []),
        ...(new Set(ids).size === ids.length ? [] : ["action_id twice in one block"]),
        ...elements.flatMap((element) => elementProblems(element, IN_ACTIONS)),
      ];
    }
    case "input":
      return [
        ...problems,
        ...plainProblems("label", block["label"], 2000),
        ...(block["hint"] === undefined ? [] : plainProblems("hint", block["hint"], 2000)),
        ...elementProblems(record(block["element"]), IN_INPUT),
      ];
    default:
      return problems;
  }
}

function planProblems(block: Json): string[] {
  const tasks = list(block["tasks"]);
  const ids = tasks.map(({ task_id }) => task_id);
  return [
    ...(typeof block["title"] === "string" && block["title"] !== "" ? [] : ["a plan needs a title"]),
    ...(new Set(ids).size === ids.length ? [] : ["task_id twice"]),
    ...tasks.flatMap((task) => [
      ...(typeof task["title"] === "string" && task["title"] !== "" ? [] : ["a task needs a title"]),
      ...(["pending", "in_progress", "complete", "error"].includes(String(task["status"]))
        ? []
        : [`task status ${String(task["status"])}`]),
      ...(task["details"] === undefined ? [] : oneBlock(record(task["details"]), "message")),
    ]),
  ];
}

const RICH = ["rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"];

function richProblems(block: Json): string[] {
  const parts = list(block["elements"]);
  if (parts.length === 0) return ["rich_text without elements"];
  return parts.flatMap((part): string[] => {
    const type = String(part["type"]);
    if (!RICH.includes(type)) return [`unknown ${type}`];
    const elements = list(part["elements"]);
    if (elements.length === 0) return [`${type} without elements`];
    const texts = type === "rich_text_list" ? elements.flatMap((item) => list(item["elements"])) : elements;
    return texts.flatMap((text): string[] => {
      // Everything else would be a ping or a link.
      if (text["type"] !== "text") return [`${String(text["type"])} in rich_text`];
      return typeof text["text"] === "string" && text["text"] !== ""
        ? limit("rich text", text["text"], 3000)
        : ["empty rich text"];
    });
  });
}

function elementProblems(element: Json, allowed: readonly string[]): string[] {
  const type = String(element["type"]);
  const problems = [
    ...(allowed.includes(type) ? [] : [`${type} is not allowed there`]),
    ...(typeof element["action_id"] === "string" && element["action_id"] !== "" ? [] : [`${type} without action_id`]),
    ...limit("action_id", element["action_id"] ?? "", 255),
    ...confirmProblems(element["confirm"]),
  ];
  switch (type) {
    case "button":
      return [
        ...problems,
        ...plainProblems("button", element["text"], 75),
        ...limit("value", element["value"] ?? "", 2000),
        ...(element["style"] === undefined || ["primary", "danger"].includes(word(element["style"])) ? [] : ["style"]),
      ];
    case "radio_buttons":
    case "checkboxes":
      return [...problems, ...optionProblems(element, 10)];
    case "static_select":
    case "multi_static_select":
      return [...problems, ...optionProblems(element, 100)];
    case "plain_text_input": {
      const max = Number(element["max_length"] ?? 3000);
      const initial = element["initial_value"];
      return [
        ...problems,
        ...(max >= 1 && max <= 3000 ? [] : [`max_length ${max}`]),
        ...(initial === "" ? ["an empty initial_value"] : []),
        ...limit("initial_value", initial ?? "", max),
      ];
    }
    default:
      return problems;
  }
}

function confirmProblems(confirm: unknown): string[] {
  if (confirm === undefined) return [];
  const dialog = record(confirm);
  return [
    ...plainProblems("confirm title", dialog["title"], 100),
    ...textProblems("confirm text", dialog["text"], 300),
    ...plainProblems("confirm", dialog["confirm"], 30),
    ...plainProblems("deny", dialog["deny"], 30),
  ];
}

/** `initial_option` must deep-equal one of the options. */
function optionProblems(element: Json, most: number): string[] {
  const options = list(element["options"]);
  const known = new Set(options.map((option) => JSON.stringify(option)));
  const initial = [
    ...list(element["initial_options"]),
    ...(element["initial_option"] === undefined ? [] : [element["initial_option"]]),
  ];
  return [
    ...(options.length === 0 || options.length > most ? [`${options.length} options, 1 to ${most}`] : []),
    ...(new Set(options.map(({ value }) => value)).size === options.length ? [] : ["an option value twice"]),
    ...options.flatMap((option) => [
      ...textProblems("option", option["text"], 75),
      ...limit("option value", option["value"] ?? "", 150),
    ]),
    ...initial.flatMap((chosen) =>
      known.has(JSON.stringify(chosen)) ? [] : ["initial_option is none of the options"],
    ),
    ...(element["initial_options"] !== undefined && initial.length === 0 ? ["empty initial_options"] : []),
  ];
}

function plainProblems(name: string, value: unknown, most: number): string[] {
  const text = record(value);
  return [...(text["type"] === "plain_text" ? [] : [`${name} must be plain_text`]), ...textProblems(name, value, most)];
}

function textProblems(name: string, value: unknown, most: number): string[] {
  const text = record(value);
  if (typeof text["text"] !== "string" || text["text"] === "") return [`${name} is empty`];
  return [
    ...limit(name, text["text"], most),
    // In plain text, emoji: false keeps what somebody wrote as it is; mrkdwn would read it.
    ...(text["type"] === "plain_text" ? [] : [`${name}: markup is not used`]),
  ];
}

function limit(name: string, value: unknown, most: number): string[] {
  return word(value).length <= most ? [] : [`${name} has ${word(value).length} characters, at most ${most}`];
}

/** Every string that is shown: all but ids, values and types. */
function characters(value: unknown, key = ""): number {
  if (typeof value === "string") return ["text", "title", "alt_text"].includes(key) ? value.length : 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + characters(item, key), 0);
  return Object.entries(record(value)).reduce((sum, [name, item]) => sum + characters(item, name), 0);
}

function word(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? `${value}` : JSON.stringify(value ?? "");
}

function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(record) : [];
}
