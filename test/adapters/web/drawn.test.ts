import { describe, expect, test } from "vitest";
import { unescaped } from "../../../adapters/discord/escape.ts";
import { previewInDiscord } from "../../../adapters/discord/preview.ts";
import { previewInSlack } from "../../../adapters/slack/preview.ts";
import { drawDiscord } from "../../../adapters/web/drawn/discord.ts";
import { drawSlack } from "../../../adapters/web/drawn/slack.ts";
import { alertCard } from "../../../src/cards/alert-card.ts";
import { cardOf } from "../../../src/cards/cards-of.ts";
import type { Card } from "../../../src/contracts/card.ts";
import { raw } from "../../../src/contracts/text.ts";
import { SHIPPED_LANGUAGES, translatorFor } from "../../../src/i18n.ts";
import { RUNS, START } from "../../fixtures/runs.ts";

const BY = { words: translatorFor("en"), now: START + 120_000 };
const slack = async (sent: object): Promise<string> => String(await drawSlack(sent, BY));
const discord = async (sent: object): Promise<string> => String(await drawDiscord(sent, BY));

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" } as const;

/** What a reader sees: what stands in fields too, without what nobody can see. */
function seen(html: string): string {
  return html
    .replaceAll(/<input type="text" disabled value="([^"]*)">/g, " $1 ")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&(amp|lt|gt|quot|#39);/g, (_whole, name: keyof typeof ENTITIES) => ENTITIES[name])
    .replaceAll("\u{2060}", "");
}

/** Every string below the names, however deep. */
function stringsAt(value: unknown, names: ReadonlySet<string>): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => stringsAt(item, names));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    typeof item === "string" && names.has(name) ? [item] : stringsAt(item, names),
  );
}

function cardsIn(language: string): { name: string; card: Card }[] {
  const words = translatorFor(language);
  const alert = {
    key: "a",
    severity: "critical",
    since: START,
    what: raw("the disk"),
    todo: raw("make room"),
  } as const;
  const runs = [{ runId: "run_4k2m9x7q1b", goal: "check the house", outcome: "completed" }];
  const ofOperators: { name: string; card: Card }[] = [
    { name: "alert", card: alertCard(alert, words) },
    { name: "alert over", card: alertCard(alert, words, START + 60_000) },
    { name: "digest", card: { kind: "digest", language, title: "Runs that ended", headline: "One run", runs } },
  ];
  const ofRuns = Object.entries(RUNS).flatMap(([name, run]) =>
    (["notice", "decision", "result", "dead_letter"] as const).flatMap((kind) => {
      const card = cardOf(run, kind, words);
      return card === undefined ? [] : [{ name: `${name}/${kind}`, card }];
    }),
  );
  return [...ofRuns, ...ofOperators];
}

describe.each(SHIPPED_LANGUAGES)("every card and all that it opens, in %s,", (language) => {
  test.each(["plan", "sections"] as const)("is drawn as Slack gets it, with all of its words (%s)", async (style) => {
    for (const { name, card } of cardsIn(language)) {
      const { messages, opened } = previewInSlack(card, style);
      for (const sent of [...messages, ...opened.flatMap(({ views }) => views)]) {
        const html = await slack(sent);
        expect(html, name).not.toContain("drawn-unknown");
        const parts = "blocks" in sent ? { ...sent, text: "" } : sent;
        const words = stringsAt(parts, new Set(["text", "title", "initial_value"])).map((text) => text.trim());
        // Titles and buttons of what is asked before a button acts are Slack's frame around it.
        const text = seen(html);
        expect(
          words.filter((word) => !text.includes(word) && word !== translatorFor(language).t("slack.confirm.no")),
        ).toEqual([]);
      }
    }
  });

  test("is drawn as Discord gets it, with all of its words", async () => {
    for (const { name, card } of cardsIn(language)) {
      const { messages, opened } = previewInDiscord(card);
      for (const sent of [...messages, ...opened.flatMap(({ views }) => views)]) {
        const html = await discord(sent);
        expect(html, name).not.toContain("drawn-unknown");
        const lines = stringsAt(sent, new Set(["content", "label", "title", "description", "value"]))
          .filter((text) => !text.startsWith("cx1."))
          .flatMap((text) => text.split("\n"))
          .filter((line) => !line.includes("<t:"))
          .map((line) => unescaped(line.replace(/^(?:### |-# |- )/, "").replaceAll("**", "")));
        const text = seen(html);
        const ids = new Set(stringsAt(sent, new Set(["value"])));
        expect(lines.filter((line) => !text.includes(line) && !ids.has(line))).toEqual([]);
      }
    }
  });
});

test("nothing that is drawn can be pressed, typed into or followed, and no style stands in it", async () => {
  const parts = cardsIn("en").flatMap(({ card }) => {
    const [ofSlack, ofDiscord] = [previewInSlack(card, "plan"), previewInDiscord(card)].map(({ messages, opened }) => [
      ...messages,
      ...opened.flatMap(({ views }) => views),
    ]);
    return [...(ofSlack ?? []).map(slack), ...(ofDiscord ?? []).map(discord)];
  });
  const html = (await Promise.all(parts)).join("");
  const controls = html.match(/<(?:button|input|textarea|select|a|form)\b[^>]*>/g) ?? [];
  expect(controls.length).toBeGreaterThan(20);
  expect(controls.filter((control) => !/ disabled[ >]/.test(control))).toEqual([]);
  expect(html).not.toMatch(/ style=| on\w+=/);
});

const HOSTILE = `<img src=x onerror="window.executed=1"></p><script>1</script> & " ' [a](javascript:1) <!here> @everyone`;

test("hostile words are text, wherever they stand", async () => {
  const text = { type: "plain_text", text: HOSTILE };
  const rich = {
    type: "rich_text",
    elements: [{ type: "rich_text_section", elements: [{ type: "text", text: HOSTILE }] }],
  };
  const option = { text, value: HOSTILE };
  const input = (element: object) => ({ type: "input", label: text, hint: text, element });
  const onSlack = [
    { type: "header", text },
    rich,
    { type: "actions", elements: [{ type: "button", text }] },
    { type: "plan", title: HOSTILE, tasks: [{ type: "task_card", title: HOSTILE, status: "complete", details: rich }] },
    input({ type: "plain_text_input", initial_value: HOSTILE }),
    input({ type: "plain_text_input", multiline: true, initial_value: HOSTILE }),
    input({ type: "static_select", options: [option], initial_option: option }),
    input({ type: "radio_buttons", options: [option] }),
    { type: HOSTILE },
  ];
  const select = { type: 3, custom_id: HOSTILE, options: [{ label: HOSTILE, value: "1", description: HOSTILE }] };
  const onDiscord = [
    { type: 10, content: `### ${HOSTILE}\n-# ${HOSTILE}\n- ${HOSTILE}\n**${HOSTILE}**\n${HOSTILE}` },
    {
      type: 9,
      components: [{ type: 10, content: HOSTILE }],
      accessory: { type: 2, custom_id: "x", label: HOSTILE, style: 1 },
    },
    { type: 1, components: [select] },
    { type: 13, file: { url: `attachment://${HOSTILE}` } },
    { type: 18, label: HOSTILE, component: { type: 4, custom_id: "x", style: 2, value: HOSTILE } },
    { type: HOSTILE },
  ];
  const drawn = [
    ...onSlack.flatMap((block) => [
      slack({ blocks: [block] }),
      slack({ type: "modal", title: text, submit: text, blocks: [block] }),
    ]),
    ...onDiscord.flatMap((part) => [
      discord({ components: [{ type: 17, accent_color: 255, components: [part] }] }),
      discord({ title: HOSTILE, custom_id: "x", components: [part] }),
    ]),
  ];
  for (const html of await Promise.all(drawn)) {
    expect(html).not.toMatch(/<img src=x|<script|<a /);
    expect(html).toContain("&lt;script&gt;");
  }
});

test.each([
  ["a block of a kind that no card of ours has", slack, { blocks: [{ type: "video", title: "A film" }] }],
  [
    "a block with something in it that is not drawn",
    slack,
    { blocks: [{ type: "header", text: { type: "plain_text", text: "A film" }, extra: 1 }] },
  ],
  ["a component of an unknown number", discord, { components: [{ type: 12, items: [{ title: "A film" }] }] }],
  [
    "a component with something in it that is not drawn",
    discord,
    { components: [{ type: 10, content: "A film", spoiler: true }] },
  ],
  ["no message at all", slack, { view: "A film" }],
] as const)("%s is shown as what it is, never left out", async (_name, draw, sent) => {
  const html = await draw(sent);
  expect(html).toContain("drawn-unknown");
  expect(seen(html)).toContain('"A film"');
  expect(seen(html)).toContain("Not drawn here");
});

test.each([
  ["### A \\- title", '<p class="discord-title">A - title</p>'],
  ["-# small", '<p class="discord-small">small</p>'],
  ["before\n- one\n- two\nafter", "<p>before</p><ul><li>one</li><li>two</li></ul><p>after</p>"],
  ["**bold \\* \\<b\\>** and \\*\\*not\\*\\*", "<p><b>bold * &lt;b&gt;</b> and **not**</p>"],
  ["\\- no list", "<p>- no list</p>"],
  ["\\### no title", "<p>### no title</p>"],
  [`<t:${(START + 60_000) / 1000}:R>`, '<p><time datetime="2026-03-03T09:01:00.000Z">1 minute ago</time></p>'],
  ["<t:1:Q> *a* __b__ `c`", "<p>&lt;t:1:Q&gt; *a* __b__ `c`</p>"],
])("Discord's markdown %j is drawn as it is meant", async (content, html) => {
  expect(await discord({ components: [{ type: 10, content }] })).toContain(`<div class="discord-text">${html}</div>`);
});

test("the preview of a dead letter has the form behind each of its buttons", () => {
  const card = cardOf(RUNS.deadLetter, "dead_letter", translatorFor("en"));
  if (card?.kind !== "dead_letter" || card.args.length === 0) throw new Error("fixture");
  for (const { opened } of [previewInSlack(card, "plan"), previewInDiscord(card)]) {
    expect(opened.map(({ by }) => by)).toEqual(["Try again with other values…", "Give up"]);
    expect(opened.every(({ views }) => views.length > 0)).toBe(true);
  }
  const without = { ...card, args: [] };
  for (const { opened } of [previewInSlack(without, "plan"), previewInDiscord(without)]) {
    expect(opened.map(({ by }) => by)).toEqual(["Give up"]);
  }
});

test("a code block of Discord is drawn as one, and nothing in it is markup", async () => {
  const content = "```diff\n # **first**\n+<b>- second</b>\n```";
  const html = await discord({ components: [{ type: 17, components: [{ type: 10, content }] }] });
  expect(html).toContain('<pre class="text" tabindex="0"> # **first**\n+&lt;b&gt;- second&lt;/b&gt;</pre>');
});
