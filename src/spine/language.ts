import { detectAll } from "tinyld";
import type { LanguageResolution, LanguageSource } from "../contracts/language.ts";

/** Where a language can come from, strongest first (G9). A platform's locale setting is `environment`. */
export interface LanguageClues {
  /** The language that runtime or tool has selected. */
  readonly toolSelected?: string | undefined;
  /** What the person chose for the output. */
  readonly explicit?: string | undefined;
  /** The latest thing that the person wrote. */
  readonly latestInput?: string | undefined;
  readonly environment?: string | undefined;
  /** Tags of the locales that there are; the first one serves where nothing says otherwise. */
  readonly shipped: readonly string[];
}

/** The output language and why (G9). A language that is not shipped cannot be spoken, so the next clue counts. */
export function resolveLanguage(clues: LanguageClues): LanguageResolution {
  const { shipped } = clues;
  const clue = (source: LanguageSource, tag: string | undefined) => ({ source, tag });
  const detected = clues.latestInput === undefined ? undefined : detectLanguage(clues.latestInput, shipped);
  const ordered = [
    clue("tool_selected", clues.toolSelected),
    clue("explicit_output_choice", clues.explicit),
    clue("latest_user_input", detected),
    clue("environment", clues.environment),
  ];
  for (const { source, tag } of ordered) {
    const language = tag === undefined ? undefined : serving(tag, shipped);
    if (language !== undefined) return { language, source };
  }
  return { language: shipped[0] ?? "en", source: "not_resolved" };
}

function serving(tag: string, shipped: readonly string[]): string | undefined {
  const wanted = tag.replaceAll("_", "-").toLowerCase();
  return (
    shipped.find((language) => language.toLowerCase() === wanted) ??
    shipped.find((language) => baseOf(language) === baseOf(wanted))
  );
}

function baseOf(tag: string): string {
  return tag.toLowerCase().split("-")[0] ?? tag;
}

/** Below this the library is guessing: "ok" and names of programs must not change the language. */
const CONFIDENCE_FLOOR = 0.1;
const FEWEST_WORDS = 3;
const FEWEST_LETTERS = 10;
/** The best guess must be this much better than the second one. */
const CLEAR_LEAD = 1.2;

/** So much of a text tells its language, and so much may be code before that: all of a long one takes seconds. */
const PROSE = 1000;
const LOOKED_AT = 3000;

/** The shipped language that a text is written in; undefined where that is not sure. */
export function detectLanguage(text: string, shipped: readonly string[]): string | undefined {
  const prose = withoutCode(text.slice(0, LOOKED_AT)).slice(0, PROSE);
  const han = (prose.match(/\p{Script=Han}/gu) ?? []).length;
  const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(prose);
  const words = prose.match(/[\p{L}']+/gu)?.filter((word) => !/\p{Script=Han}/u.test(word)) ?? [];
  // One Chinese sentence names many things in Latin letters; a name in Chinese makes no English sentence Chinese.
  if (han > 0 && !kana && han >= words.length) return serving("zh", shipped);
  if (words.length < FEWEST_WORDS || words.join("").length < FEWEST_LETTERS) return undefined;
  const [first, second] = detectAll(prose);
  if (first === undefined || first.accuracy < CONFIDENCE_FLOOR) return undefined;
  if (second !== undefined && first.accuracy < second.accuracy * CLEAR_LEAD) return undefined;
  return serving(first.lang, shipped);
}

/** Without code, links, paths, options and names of files: they are no language. */
function withoutCode(text: string): string {
  return text
    .replace(/```[\s\S]*?(?:```|$)|`[^`]*`/gu, " ")
    .replace(/\S*(?:\/|\\|::|=>|[{}<>=_@#$|])\S*/gu, " ")
    .replace(/(?<!\S)--?[a-z][\w-]*/gu, " ")
    .replace(/\S+\.[a-z]{1,5}(?![\p{L}])/gu, " ");
}
