import { z } from "zod";
import { view, type Markup } from "../markup.ts";
import {
  author,
  dropDown,
  inertButton,
  labelled,
  textField,
  tick,
  unknownPart,
  type Beholder,
  type DrawnOption,
} from "./parts.ts";

/**
 * The blocks that our cards are made of (docs.slack.dev, Block Kit reference). Strict: a block with anything in it that
 * is not drawn here is shown as its JSON instead.
 */
const Words = z
  .strictObject({ type: z.literal("plain_text"), text: z.string(), emoji: z.boolean().optional() })
  .transform(({ text }) => text);
const Id = z.string().optional();
const Flag = z.boolean().optional();

const Style = z.strictObject({ bold: Flag, italic: Flag, code: Flag }).optional();
const Span = z.strictObject({ type: z.literal("text"), text: z.string(), style: Style });
const Line = z.strictObject({ type: z.literal("rich_text_section"), elements: z.array(Span) });
const RichPart = z.discriminatedUnion("type", [
  Line,
  z.strictObject({ type: z.literal("rich_text_list"), style: z.literal("bullet"), elements: z.array(Line) }),
  z.strictObject({ type: z.literal("rich_text_preformatted"), elements: z.array(Span) }),
]);
const RichText = z.strictObject({ type: z.literal("rich_text"), block_id: Id, elements: z.array(RichPart) });

const ButtonStyle = z.enum(["primary", "danger"]).default("primary");
const Confirm = z.strictObject({
  title: Words,
  text: Words,
  confirm: Words,
  deny: Words,
  style: ButtonStyle.optional(),
});
const Button = z.strictObject({
  type: z.literal("button"),
  action_id: Id,
  text: Words,
  value: z.string().optional(),
  style: z.enum(["primary", "danger"]).optional(),
  confirm: Confirm.optional(),
});

const Task = z.strictObject({
  type: z.literal("task_card"),
  task_id: Id,
  title: z.string(),
  status: z.enum(["pending", "in_progress", "complete", "error"]),
  details: RichText.optional(),
});

const Option = z.strictObject({ text: Words, value: z.string(), description: Words.optional() });
const Choice = { action_id: Id, options: z.array(Option), placeholder: Words.optional() };
const One = { ...Choice, initial_option: Option.optional() };
const Many = { ...Choice, initial_options: z.array(Option).optional() };
const Typed = { action_id: Id, initial_value: z.string().optional() };
const Element = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("radio_buttons"), ...One }),
  z.strictObject({ type: z.literal("checkboxes"), ...Many }),
  z.strictObject({ type: z.literal("static_select"), ...One }),
  z.strictObject({ type: z.literal("multi_static_select"), ...Many }),
  z.strictObject({
    type: z.literal("plain_text_input"),
    ...Typed,
    multiline: Flag,
    max_length: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal("number_input"),
    ...Typed,
    is_decimal_allowed: z.boolean(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  }),
]);
type Element = z.infer<typeof Element>;

const Block = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("header"), block_id: Id, text: Words }),
  RichText,
  z.strictObject({ type: z.literal("actions"), block_id: Id, elements: z.array(Button) }),
  z.strictObject({ type: z.literal("plan"), block_id: Id, title: z.string(), tasks: z.array(Task) }),
  z.strictObject({
    type: z.literal("input"),
    block_id: Id,
    label: Words,
    hint: Words.optional(),
    optional: Flag,
    dispatch_action: Flag,
    element: Element,
  }),
]);

const Modal = z.object({
  type: z.literal("modal"),
  title: Words,
  submit: Words.optional(),
  close: Words.optional(),
  blocks: z.array(z.unknown()),
});
const Message = z.object({ blocks: z.array(z.unknown()) });

/** A message or a form, from what Slack is given for it. It looks much like Slack's own, and nothing in it acts. */
export function drawSlack(sent: object, by: Beholder): Markup {
  const modal = Modal.safeParse(sent);
  if (modal.success) {
    const { title, submit, close, blocks } = modal.data;
    const end = [
      ...(close === undefined ? [] : [inertButton(close, "normal")]),
      ...(submit === undefined ? [] : [inertButton(submit, "primary")]),
    ];
    return view`<div class="slack is-form"><p class="slack-form-title">${title}</p><div class="slack-blocks">${blocks.map((block) => drawBlock(block, by))}</div><div class="slack-form-end">${end}</div></div>`;
  }
  const message = Message.safeParse(sent);
  if (!message.success) return unknownPart(sent, by);
  return view`<div class="slack">${author(by)}<div class="slack-blocks">${message.data.blocks.map((block) => drawBlock(block, by))}</div></div>`;
}

function drawBlock(given: unknown, by: Beholder): Markup {
  const parsed = Block.safeParse(given);
  if (!parsed.success) return unknownPart(given, by);
  const block = parsed.data;
  switch (block.type) {
    case "header":
      return view`<p class="slack-header">${block.text}</p>`;
    case "rich_text":
      return richText(block);
    case "actions":
      return actions(block.elements, by);
    case "plan":
      return view`<div class="slack-plan"><p>${block.title}</p><ul>${block.tasks.map(task)}</ul></div>`;
    case "input":
      return input(block.label, block.element, block.hint);
  }
}

function richText({ elements }: z.infer<typeof RichText>): Markup {
  return view`<div class="slack-rich">${elements.map((part) => {
    switch (part.type) {
      case "rich_text_section":
        return view`<p>${part.elements.map(span)}</p>`;
      case "rich_text_list":
        return view`<ul>${part.elements.map((line) => view`<li>${line.elements.map(span)}</li>`)}</ul>`;
      case "rich_text_preformatted":
        return view`<pre>${part.elements.map(span)}</pre>`;
    }
  })}</div>`;
}

function span({ text, style = {} }: z.infer<typeof Span>): Markup {
  const coded = style.code === true ? view`<code>${text}</code>` : view`${text}`;
  const slanted = style.italic === true ? view`<i>${coded}</i>` : coded;
  return style.bold === true ? view`<b>${slanted}</b>` : slanted;
}

/** Buttons in a row; what one of them asks before it acts stands below. */
function actions(elements: readonly z.infer<typeof Button>[], { words }: Beholder): Markup {
  const asking = elements.flatMap(({ text, confirm }) =>
    confirm === undefined ? [] : [words.t("web.drawn.asks_first", { button: text, text: confirm.text })],
  );
  return view`<div class="slack-actions">${elements.map(({ text, style }) => inertButton(text, style ?? "normal"))}</div>${asking.map((line) => view`<p class="drawn-aside">${line}</p>`)}`;
}

const STATUS_MARKS = {
  pending: "",
  in_progress: "M8 2a6 6 0 0 1 0 12z",
  complete: "M4.5 8.3l2.4 2.4 4.6-5",
  error: "M5.5 5.5l5 5m0-5l-5 5",
} as const satisfies Record<z.infer<typeof Task>["status"], string>;

function task({ title, status, details }: z.infer<typeof Task>): Markup {
  const mark = view`<svg class="slack-status is-${status}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><circle cx="8" cy="8" r="7"/><path d="${STATUS_MARKS[status]}"/></svg>`;
  return view`<li>${mark}<div><span>${title}</span>${details === undefined ? "" : richText(details)}</div></li>`;
}

function input(label: string, element: Element, hint: string | undefined): Markup {
  switch (element.type) {
    case "plain_text_input":
      return textField(label, element.initial_value ?? "", element.multiline === true ? "several" : "one", hint);
    case "number_input":
      return textField(label, element.initial_value ?? "", "one", hint);
    case "radio_buttons":
      return labelled(
        label,
        optionsOf(element).map((option) => tick("radio", option)),
        hint,
      );
    case "checkboxes":
      return labelled(
        label,
        optionsOf(element).map((option) => tick("checkbox", option)),
        hint,
      );
    case "static_select":
    case "multi_static_select":
      return labelled(label, dropDown(optionsOf(element), element.placeholder ?? "–"), hint);
  }
}

function optionsOf(element: Extract<Element, { options: unknown }>): DrawnOption[] {
  const initial =
    "initial_option" in element
      ? [element.initial_option]
      : "initial_options" in element
        ? element.initial_options
        : [];
  const chosen = new Set(initial?.map((option) => option?.value));
  return element.options.map(({ text, value, description }) => ({
    label: text,
    description,
    chosen: chosen.has(value),
  }));
}
