import { IntlMessageFormat } from "intl-messageformat";
import en from "../locales/en.json" with { type: "json" };
import zhCN from "../locales/zh-CN.json" with { type: "json" };
import type { Language } from "./contracts/language.ts";
import type { Text, TextParam } from "./contracts/text.ts";

/** Every text that a person sees; English is the list, the compiler holds the other locales to it. */
export type MessageKey = keyof typeof en;
type Catalogue = Readonly<Record<MessageKey, string>>;

const CATALOGUES = { en, "zh-CN": zhCN } as const satisfies Record<string, Catalogue>;
export type ShippedLanguage = keyof typeof CATALOGUES;
export const SHIPPED_LANGUAGES = Object.keys(CATALOGUES) as ShippedLanguage[];
export const FALLBACK_LANGUAGE: ShippedLanguage = "en";

type MessageParams = Record<string, TextParam>;

/** Puts texts into words of one language. */
export interface Translator {
  readonly language: ShippedLanguage;
  /** A catalogue key with its ICU parameters. */
  t(key: MessageKey, params?: MessageParams): string;
  /** A text that travelled as data. */
  say(text: Text): string;
  list(items: readonly string[]): string;
  dateTime(instant: number): string;
  duration(milliseconds: number): string;
  number(value: number): string;
}

/** The shipped language that serves a tag best: exact, then same base language, else undefined. */
export function shippedLanguageFor(tag: string): ShippedLanguage | undefined {
  const wanted = tag.replace("_", "-").toLowerCase();
  const base = wanted.split("-")[0];
  return (
    SHIPPED_LANGUAGES.find((language) => language.toLowerCase() === wanted) ??
    SHIPPED_LANGUAGES.find((language) => language.toLowerCase().split("-")[0] === base)
  );
}

/** Text made of a catalogue key; the compiler checks that the key exists. */
export function keyed(key: MessageKey, params?: MessageParams): Text {
  return params === undefined ? { kind: "key", key } : { kind: "key", key, params };
}

export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}

/** The translator of the shipped language that serves a tag best; English where none does. */
export function translatorFor(language: Language): Translator {
  return TRANSLATORS[shippedLanguageFor(language) ?? FALLBACK_LANGUAGE];
}

type Value = string | number | boolean;
type Values = Record<string, Value>;

function createTranslator(tag: ShippedLanguage): Translator {
  const catalogue: Catalogue = CATALOGUES[tag];
  // Parsing a pattern costs far more than filling it in. Bounded, since workers bring patterns too.
  const formats = new Map<string, IntlMessageFormat>();

  const fill = (pattern: string, params: MessageParams | undefined, isSaved = false): string => {
    let format = formats.get(pattern);
    if (format === undefined) {
      if (formats.size > 5000) formats.clear();
      format = new IntlMessageFormat(pattern, tag, undefined, { ignoreTag: true });
      formats.set(pattern, format);
    }
    const values = Object.fromEntries(
      Object.entries(params ?? {}).map(([name, value]) => [name, marked(sayParam(value), tag === "zh-CN")]),
    );
    return closed(format, isSaved ? withGaps(values) : values, tag === "zh-CN");
  };
  const sayParam = (value: TextParam): Value => {
    if (Array.isArray(value)) return list(value.map(say));
    return typeof value === "object" ? say(value) : value;
  };
  // A run's texts are the same objects from one change to the next, and its cards are made anew each time.
  let said = new WeakMap<Text, string>();
  let remembered = 0;
  const say = (text: Text): string => {
    if (text.kind === "raw") return text.raw;
    const known = said.get(text);
    if (known !== undefined) return known;
    const words = sayAnew(text);
    // Bounded, since runs that wait for weeks keep their texts.
    if (remembered >= 20_000) [said, remembered] = [new WeakMap(), 0];
    remembered += 1;
    said.set(text, words);
    return words;
  };
  const sayAnew = (text: Exclude<Text, { kind: "raw" }>): string => {
    switch (text.kind) {
      case "localized":
        return fillOrShow(text.byLanguage[tag] ?? text.byLanguage[FALLBACK_LANGUAGE] ?? "", text.params);
      case "key":
        return isMessageKey(text.key) ? fillOrShow(catalogue[text.key], text.params, true) : text.key;
    }
  };
  // Workers write texts as they like ("unexpected token {"): one that is no pattern must not end the run that tells it.
  const fillOrShow: typeof fill = (pattern, params, isSaved) => {
    try {
      return fill(pattern, params, isSaved);
    } catch {
      return pattern;
    }
  };
  const lists = new Intl.ListFormat(tag, { type: "conjunction", style: "narrow" });
  const list = (items: readonly string[]): string => lists.format(items);
  const number = new Intl.NumberFormat(tag);
  const dateTime = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" });

  return {
    language: tag,
    t: (key, params) => fill(catalogue[key], params),
    say,
    list,
    dateTime: (instant) => dateTime.format(instant),
    duration: (milliseconds) => durationIn(tag, milliseconds),
    number: (value) => number.format(value),
  };
}

/** A text that an older version saved may lack a value that its sentence has gained since: a gap, and not an error for all of the page. */
function withGaps(values: Values): Values {
  return new Proxy(values, { has: () => true, get: (known, name: string) => known[name] ?? "…" });
}

/** Noncharacters (Unicode 23.7): nobody's text holds them. They stand where a value begins and ends. */
const [BEGIN, END] = ["\u{fdd0}", "\u{fdd1}"];
/** A value that ends its own sentence: a colon after it would be a second end. */
const ENDED = "[?!？！]";
const SECOND_END = new RegExp(`(?<=${ENDED}${END})[:：]`, "gu");
const CJK = "[\\p{Script=Han}\\u3000-\\u303f\\uff00-\\uffef“”]";
const BEGINS_OR_ENDS_CJK = new RegExp(`^${CJK}|${CJK}$`, "u");
const ENDS_ITSELF = new RegExp(`${ENDED}$`, "u");
const MARKS = new RegExp(`[${BEGIN}${END}]`, "gu");
const BLANKS = [
  [new RegExp(`(?<=${CJK}${END}?) ${BEGIN}(?=${CJK})`, "gu"), ""],
  [new RegExp(`(?<=${CJK})${END} (?=${BEGIN}?${CJK})`, "gu"), ""],
] as const;

/**
 * Chinese is written without blanks, but with one beside Latin words and numbers. Patterns have it where a value may be
 * either; it goes where the value turns out to be Chinese. In every language a question keeps its mark and loses the
 * colon that a label would have. Blanks and colons inside of values are not ours, and stay.
 */
function closed(format: IntlMessageFormat, values: Values, isChinese: boolean): string {
  const filled = String(format.format(values)).replace(SECOND_END, "");
  const tight = isChinese ? BLANKS.reduce((text, [pattern, by]) => text.replace(pattern, by), filled) : filled;
  return tight.replace(MARKS, "");
}

function marked(value: Value, isChinese: boolean): Value {
  if (typeof value !== "string") return value;
  const isMarked = ENDS_ITSELF.test(value) || (isChinese && BEGINS_OR_ENDS_CJK.test(value));
  return isMarked ? `${BEGIN}${value}${END}` : value;
}

function durationIn(tag: string, milliseconds: number): string {
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(tag, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 1 }).format(
      value,
    );
  if (milliseconds < 1000) return unit(Math.round(milliseconds), "millisecond");
  if (milliseconds < 60_000) return unit(milliseconds / 1000, "second");
  if (milliseconds < 3_600_000) return unit(milliseconds / 60_000, "minute");
  return unit(milliseconds / 3_600_000, "hour");
}

const TRANSLATORS = {
  en: createTranslator("en"),
  "zh-CN": createTranslator("zh-CN"),
} as const satisfies Record<ShippedLanguage, Translator>;
