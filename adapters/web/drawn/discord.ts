import { z } from "zod";
import type { Translator } from "../../../src/i18n.ts";
import { view, type Markup } from "../markup.ts";
import { author, dropDown, inertButton, labelled, textField, unknownPart, type Beholder } from "./parts.ts";

/** Numbers of the components that our cards are made of (discord.com/developers, Component Reference). */
const TYPE = {
  actionRow: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  section: 9,
  textDisplay: 10,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
} as const;
const BUTTON_STYLES = { 1: "primary", 2: "normal", 3: "success", 4: "danger" } as const;

/** Strict: a component with anything in it that is not drawn here is shown as its JSON instead. */
const Id = z.number().optional();
const Text = z.strictObject({ type: z.literal(TYPE.textDisplay), id: Id, content: z.string() });
const Button = z.strictObject({
  type: z.literal(TYPE.button),
  id: Id,
  custom_id: z.string(),
  label: z.string(),
  style: z.literal([1, 2, 3, 4]),
});
const Select = z.strictObject({
  type: z.literal(TYPE.stringSelect),
  id: Id,
  custom_id: z.string(),
  placeholder: z.string().optional(),
  min_values: z.number().optional(),
  max_values: z.number().optional(),
  options: z.array(
    z.strictObject({
      label: z.string(),
      value: z.string(),
      description: z.string().optional(),
      default: z.boolean().optional(),
    }),
  ),
});
const TextInput = z.strictObject({
  type: z.literal(TYPE.textInput),
  id: Id,
  custom_id: z.string(),
  style: z.literal([1, 2]),
  required: z.boolean().optional(),
  min_length: z.number().optional(),
  max_length: z.number().optional(),
  value: z.string().optional(),
});
const Parts = z.array(z.unknown());
const Component = z.discriminatedUnion("type", [
  Text,
  Button,
  Select,
  z.strictObject({ type: z.literal(TYPE.actionRow), id: Id, components: Parts }),
  z.strictObject({ type: z.literal(TYPE.section), id: Id, components: Parts, accessory: z.unknown() }),
  z.strictObject({ type: z.literal(TYPE.separator), id: Id }),
  z.strictObject({
    type: z.literal(TYPE.file),
    id: Id,
    file: z.strictObject({ url: z.string().startsWith("attachment://") }),
  }),
  z.strictObject({
    type: z.literal(TYPE.container),
    id: Id,
    accent_color: z.int().min(0).max(0xffffff).optional(),
    components: Parts,
  }),
  z.strictObject({
    type: z.literal(TYPE.label),
    id: Id,
    label: z.string(),
    description: z.string().optional(),
    component: z.discriminatedUnion("type", [TextInput, Select]),
  }),
]);
type Component = z.infer<typeof Component>;

const Modal = z.object({ title: z.string(), custom_id: z.string(), components: Parts });
const Message = z.object({ components: Parts });

/** A message or a form, from what Discord is given for it. It looks much like Discord's own, and nothing in it acts. */
export function drawDiscord(sent: object, by: Beholder): Markup {
  const { words } = by;
  const modal = Modal.safeParse(sent);
  if (modal.success) {
    const { title, components } = modal.data;
    const end = [
      inertButton(words.t("web.drawn.cancel"), "normal"),
      inertButton(words.t("web.drawn.submit"), "primary"),
    ];
    return view`<div class="discord is-form"><p class="discord-form-title">${title}</p>${components.map((part) => draw(part, by))}<div class="discord-form-end">${end}</div></div>`;
  }
  const message = Message.safeParse(sent);
  if (!message.success) return unknownPart(sent, by);
  return view`<div class="discord">${author(by)}${message.data.components.map((part) => draw(part, by))}</div>`;
}

function draw(given: unknown, by: Beholder): Markup {
  const parsed = Component.safeParse(given);
  return parsed.success ? drawComponent(parsed.data, by) : unknownPart(given, by);
}

function drawComponent(part: Component, by: Beholder): Markup {
  switch (part.type) {
    case TYPE.container:
      return view`<div class="discord-container">${accent(part.accent_color)}${part.components.map((inner) => draw(inner, by))}</div>`;
    case TYPE.section:
      return view`<div class="discord-section"><div>${part.components.map((inner) => draw(inner, by))}</div><div>${draw(part.accessory, by)}</div></div>`;
    case TYPE.actionRow:
      return view`<div class="discord-row">${part.components.map((inner) => draw(inner, by))}</div>`;
    case TYPE.textDisplay:
      return view`<div class="discord-text">${markdown(part.content, by)}</div>`;
    case TYPE.separator:
      return view`<hr class="discord-separator">`;
    case TYPE.file:
      return view`<p class="discord-file">${part.file.url.slice("attachment://".length)}</p>`;
    case TYPE.button:
      return inertButton(part.label, BUTTON_STYLES[part.style]);
    case TYPE.stringSelect:
      return select(part);
    case TYPE.label:
      return field(part);
  }
}

/** A colour of any message: as a picture, since styles in the page are refused by its policy. */
function accent(colour: number | undefined): Markup | string {
  if (colour === undefined) return "";
  const fill = `#${colour.toString(16).padStart(6, "0")}`;
  return view`<svg class="discord-accent" width="4" height="100%" aria-hidden="true"><rect width="4" height="100%" fill="${fill}"/></svg>`;
}

function select({ options, placeholder }: z.infer<typeof Select>): Markup {
  return dropDown(
    options.map(({ label, description, default: chosen = false }) => ({ label, description, chosen })),
    placeholder ?? "–",
  );
}

function field({ label, description, component }: Extract<Component, { type: 18 }>): Markup {
  return component.type === TYPE.stringSelect
    ? labelled(label, select(component), description)
    : textField(label, component.value ?? "", component.style === 1 ? "one" : "several", description);
}

/** A code block is a display of its own; nothing in it is markup. */
const CODE_BLOCK = /^```diff\n(?<code>[^]*)\n```$/u;

/** The markdown that our cards use: titles, small print, lists, bold, times; everything else they escape. */
function markdown(content: string, by: Beholder): Markup[] {
  const code = CODE_BLOCK.exec(content)?.groups?.["code"];
  if (code !== undefined) return [view`<pre class="text" tabindex="0">${code}</pre>`];
  const lines = content.split("\n");
  return lines.flatMap((line, at) => {
    if (line.startsWith("- ")) {
      if (lines[at - 1]?.startsWith("- ") === true) return [];
      const end = lines.findIndex((other, below) => below > at && !other.startsWith("- "));
      const items = lines
        .slice(at, end === -1 ? undefined : end)
        .map((item) => view`<li>${inline(item.slice(2), by)}</li>`);
      return [view`<ul>${items}</ul>`];
    }
    if (line.startsWith("### ")) return [view`<p class="discord-title">${inline(line.slice(4), by)}</p>`];
    if (line.startsWith("-# ")) return [view`<p class="discord-small">${inline(line.slice(3), by)}</p>`];
    return [view`<p>${inline(line, by)}</p>`];
  });
}

/** A backslash before a character that is neither letter, digit nor blank; bold; a time; anything else as it is. */
const INLINE = /\\(?<kept>[^\p{L}\p{N}\s])|\*\*(?<bold>(?:\\.|[^*\\])+)\*\*|<t:(?<seconds>\d{1,12}):R>/gu;

function inline(text: string, by: Beholder): (string | Markup)[] {
  const parts: (string | Markup)[] = [];
  let done = 0;
  for (const { 0: whole, index, groups = {} } of text.matchAll(INLINE)) {
    const { kept, bold, seconds } = groups;
    parts.push(text.slice(done, index));
    if (kept !== undefined) parts.push(kept);
    else if (bold !== undefined) parts.push(view`<b>${inline(bold, by)}</b>`);
    else parts.push(relative(Number(seconds) * 1000, by));
    done = index + whole.length;
  }
  return [...parts, text.slice(done)];
}

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** As Discord says an instant: "2 minutes ago". */
function relative(instant: number, { words, now }: { readonly words: Translator; readonly now: number }): Markup {
  const [unit, size] = UNITS.find(([, milliseconds]) => Math.abs(instant - now) >= milliseconds) ?? ["second", 1000];
  const said = new Intl.RelativeTimeFormat(words.language).format(Math.round((instant - now) / size), unit);
  return view`<time datetime="${new Date(instant).toISOString()}">${said}</time>`;
}
