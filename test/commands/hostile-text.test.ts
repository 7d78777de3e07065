import { expect, test } from "vitest";
import { parseChat } from "../../src/commands/chat.ts";
import { phraseIn } from "../../src/commands/chat-phrases.ts";
import { deadlineIn } from "../../src/commands/deadline.ts";
import { findTextOf } from "../../src/commands/find-text.ts";
import { splitWords } from "../../src/commands/split-words.ts";
import { looksLikeAnswer, parseTextAnswer, splitReason } from "../../src/commands/text-answer.ts";
import { nearestWord } from "../../src/nearest-word.ts";
import { changeVerb, isQuestion, phrasesIn } from "../../src/spine/goal-words.ts";

const SIZE = 20_000;
const PIECES = [
  ...Array.from(" \t\n\"'`\\<@>#-=,;:.?!*_([{/a1"),
  ...Array.from("，。“「是吗再请"),
  ...'a=,1 ,1a ,a: ,run ,please ,run_,\\" ,a\\,"a ,and then ,where is ,2h'.split(","),
];

const READERS: Record<string, (text: string) => unknown> = {
  "a message": (text) => parseChat(text, { inThread: true }),
  "a command": (text) => parseChat(`/cox run ${text}`, { inThread: false }),
  "a question": phraseIn,
  "a deadline": deadlineIn,
  "a search": (text) => findTextOf(`where is ${text}`),
  "a word": (text) => nearestWord(text, ["status", "queue"], () => 2),
  words: splitWords,
  "an answer": (text) => [looksLikeAnswer(text), splitReason(text), parseTextAnswer(text, [])],
  "a goal": (text) => [isQuestion(text), changeVerb(text), phrasesIn(text, ["just do it", "不需要确认"])],
};

test.each(Object.entries(READERS))("20 kB that are made to be slow are read at once, as %s", (_, read) => {
  for (const piece of PIECES) {
    const begun = performance.now();
    const text = piece.repeat(SIZE / piece.length);
    for (const hostile of [text, `${text}!`, `x${text}"x`]) read(hostile);
    expect([piece, Math.floor((performance.now() - begun) / 5000)]).toEqual([piece, 0]);
  }
});
