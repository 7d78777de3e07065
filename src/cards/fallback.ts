import type {
  AlertCard,
  Card,
  DeadLetterCard,
  DecisionCard,
  DigestCard,
  NoticeCard,
  ResultCard,
} from "../contracts/card.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import { visibleQuestions } from "../commands/visible-questions.ts";
import { translatorFor, type Translator } from "../i18n.ts";
import { plainTranslator } from "../plain-text.ts";

/** With what a line that is quoted from a file or a program begins. */
export const QUOTED = "│";

/** A line of a card as plain text, with what it is: a surface may dress it, and never has to. */
export interface CardLine {
  readonly tone: "title" | "heading" | "text" | "muted" | "good" | "warning" | "bad";
  /** Steps of indentation. */
  readonly indent: number;
  readonly text: string;
}

/** Any card as plain text: for places that can show nothing else. */
export function renderPlain(card: Card): string {
  return cardLines(card)
    .map(({ indent, text }) => (text === "" ? "" : `${"  ".repeat(indent)}${text}`))
    .join("\n");
}

/**
 * The lines of a card. `answeredBy` says how a decision is answered where it is shown: by a reply in the chat, or
 * (`elsewhere`) in a way that the surface itself explains.
 */
export function cardLines(card: Card, answeredBy: "reply" | "elsewhere" = "reply"): CardLine[] {
  const words = plainTranslator(translatorFor(card.language));
  switch (card.kind) {
    case "notice":
      return noticeLines(card, words);
    case "decision":
      return [
        ...decisionIntroLines(card),
        ...questionLines(card, words),
        ...valueLines(card, words),
        ...replyLines(card, answeredBy, words),
      ];
    case "result":
      return resultLines(card, words);
    case "dead_letter":
      return deadLetterLines(card);
    case "alert":
      return alertLines(card, words);
    case "digest":
      return digestLines(card, words);
  }
}

/** What people read before the questions (G7), for surfaces that ask the questions natively. */
export function decisionIntroLines(card: DecisionCard): CardLine[] {
  return [
    line("title", 0, card.title),
    card.resolved === null ? line("good", 0, card.assurance) : line("good", 0, card.resolved.line),
    ...card.context.flatMap(({ heading, lines }) => section(heading, lines)),
  ];
}

/** The five fields of an option (G7), why it is recommended, or why it cannot be chosen (G5). */
export function optionLines(
  option: DecisionCard["questions"][number]["options"][number],
  words: Translator,
): CardLine[] {
  const { recommendedBecause, rejectedBecause } = option;
  return [
    ...option.fields.map(({ label, value }) => line("muted", 0, words.t("card.labelled", { label, value }))),
    ...(recommendedBecause === null
      ? []
      : [line("good", 0, words.t("decision.recommended_because", { reason: recommendedBecause }))]),
    ...(rejectedBecause === null
      ? []
      : [line("warning", 0, words.t("decision.rejected_because", { reason: rejectedBecause }))]),
  ];
}

/** A value of an argument as people read it. */
export function argumentWords(argument: DecisionCard["args"][number], value: ArgumentValue, words: Translator): string {
  if (typeof value === "boolean") return words.t(value ? "card.yes" : "card.no");
  if (Array.isArray(value)) {
    return words.list(value.map((id) => argument.choices?.find((choice) => choice.id === id)?.label ?? id));
  }
  // A plain number: grouping would show what people cannot type back.
  if (typeof value === "number") return String(value);
  if (value === "") return words.t("card.empty_value");
  return argument.choices?.find((choice) => choice.id === value)?.label ?? value;
}

function noticeLines(card: NoticeCard, words: Translator): CardLine[] {
  const stages = card.stages.map(({ label, stateLabel }) =>
    words.t("card.with_state", { name: label, state: stateLabel }),
  );
  return [
    line("title", 0, card.title),
    ...card.lines.map(({ label, value }) => line("text", 0, words.t("card.labelled", { label, value }))),
    line("muted", 0, words.t("card.labelled", { label: words.t("notice.stages"), value: words.list(stages) })),
    ...card.workers.map(({ name, state, stateLabel, detail }) => {
      const text = words.t("card.with_state", { name, state: stateLabel });
      const tone = state === "failed" ? "bad" : state === "unknown" ? "warning" : "text";
      return line(tone, 1, `- ${detail === "" ? text : words.t("card.labelled", { label: text, value: detail })}`);
    }),
  ];
}

function questionLines(card: DecisionCard, words: Translator): CardLine[] {
  return card.questions.flatMap((question) => [
    blank(),
    line("heading", 0, `${question.number}. ${question.title}`),
    ...linkLine(card, question.after, words),
    ...question.options.flatMap((option) => {
      const marks = [
        ...(question.chosen === option.id ? [words.t("decision.chosen")] : []),
        ...(option.recommended ? [words.t("decision.recommended")] : []),
        ...(option.rejectedBecause === null ? [] : [words.t("decision.rejected")]),
      ];
      const name = `${option.letter}. ${option.label}`;
      const text = marks.length === 0 ? name : words.t("card.with_state", { name, state: words.list(marks) });
      return [line("text", 1, text), ...optionLines(option, words).map((detail) => ({ ...detail, indent: 3 }))];
    }),
  ]);
}

/** A linear question says after which answers it is asked (G20). */
function linkLine(
  card: DecisionCard,
  after: DecisionCard["questions"][number]["after"],
  words: Translator,
): CardLine[] {
  const parent = card.questions.find(({ id }) => id === after?.question);
  if (after === null || parent === undefined) return [];
  const letters = parent.options
    .filter(({ id }) => after.options.includes(id))
    .map(({ letter }) => `${parent.number}${letter}`);
  return [line("muted", 1, words.t("decision.only_after", { choices: letters.join(", ") }))];
}

function valueLines(card: DecisionCard, words: Translator): CardLine[] {
  if (card.args.length === 0) return [];
  const values = card.args.map((argument) => {
    const value = argumentWords(argument, argument.value, words);
    const shown = words.t("card.labelled", { label: argument.label, value });
    return line("text", 1, `- ${argument.description === "" ? shown : `${shown} (${argument.description})`}`);
  });
  const heading = card.resolved === null ? "decision.args" : "decision.args_resolved";
  return [blank(), line("heading", 0, words.t(heading)), ...values];
}

/** Says honestly what this is, and how to answer it (G4). */
function replyLines(card: DecisionCard, answeredBy: "reply" | "elsewhere", words: Translator): CardLine[] {
  if (card.resolved !== null) return [];
  const honest = [blank(), line("text", 0, words.t("decision.fallback.honest"))];
  if (answeredBy === "elsewhere") return honest;
  const single = card.questions.length === 1;
  const example = visibleQuestions(card.questions, {}).map(({ number, options }) => {
    const possible = options.filter(({ rejectedBecause }) => rejectedBecause === null);
    const letter = (possible.find(({ recommended }) => recommended) ?? possible[0])?.letter ?? "A";
    return single ? letter : `${number}${letter}`;
  });
  const how = words.t("decision.fallback.how", { example: example.join(" "), single: String(single) });
  return [...honest, line("text", 0, how)];
}

function resultLines(card: ResultCard, words: Translator): CardLine[] {
  const found = card.findings.map(({ severity, severityLabel, place, text }) => {
    const where = place === null ? text : words.t("card.labelled", { label: place, value: text });
    const tone = severity === "critical" || severity === "high" ? "bad" : severity === "medium" ? "warning" : "text";
    return line(tone, 1, `- [${severityLabel}] ${where}`);
  });
  const more =
    card.furtherFindings === 0 ? [] : [line("muted", 1, words.t("result.further", { count: card.furtherFindings }))];
  const files = card.files.map(({ label, path, sha256, bytes }) =>
    words.t("result.file.line", { label, path, size: words.number(bytes), hash: sha256 }),
  );
  const [done, ...others] = card.sections;
  return [
    line("title", 0, card.title),
    line("text", 0, card.headline),
    ...(done === undefined ? [] : section(done.heading, done.lines)),
    ...(found.length === 0 ? [] : [blank(), line("heading", 0, words.t("result.section.findings")), ...found, ...more]),
    ...others.flatMap(({ heading, lines }) => section(heading, lines)),
    ...(files.length === 0 ? [] : section(words.t("result.section.files"), files)),
  ];
}

function deadLetterLines(card: DeadLetterCard): CardLine[] {
  return [
    line("title", 0, card.title),
    line(card.handled === null ? "bad" : "text", 0, card.headline),
    ...(card.handled === null ? [] : [line("good", 0, card.handled)]),
    ...card.sections.flatMap(({ heading, lines }) => section(heading, lines)),
  ];
}

const ALERT_TONES = { critical: "bad", warning: "warning", info: "text" } as const satisfies Record<
  AlertCard["severity"],
  CardLine["tone"]
>;

function alertLines(card: AlertCard, words: Translator): CardLine[] {
  const { title, severity, severityLabel, since, todo, runId, resolved } = card;
  const run = runId === null ? [] : [line("muted", 0, words.t("alert.run", { run: runId }))];
  if (resolved !== null) {
    return [
      line("title", 0, words.t("alert.title.resolved", { what: title })),
      line("good", 0, resolved.line),
      line("muted", 0, since),
      ...run,
    ];
  }
  return [
    line(ALERT_TONES[severity], 0, words.t("alert.title", { severity: severityLabel, what: title })),
    line("text", 0, since),
    line("text", 0, todo),
    ...run,
  ];
}

function digestLines({ title, headline, runs }: DigestCard, words: Translator): CardLine[] {
  return [
    line("title", 0, title),
    line("text", 0, headline),
    ...runs.map(({ runId, goal, outcome }) =>
      line("text", 1, `- ${words.t("digest.line", { goal, outcome, run: runId })}`),
    ),
  ];
}

function section(heading: string, lines: readonly string[]): CardLine[] {
  return [
    blank(),
    line("heading", 0, heading),
    // What is quoted, such as a diff, is no list: its own marks would follow ours.
    ...lines.map((text) => line("text", 1, text.startsWith(QUOTED) ? text : `- ${text}`)),
  ];
}

function line(tone: CardLine["tone"], indent: number, text: string): CardLine {
  return { tone, indent, text };
}

function blank(): CardLine {
  return line("text", 0, "");
}
