/**
 * Words that people use in a thread, in the languages that they write in. This is input, not output: what is shown
 * to people stands in `locales/`. A whole message must be one of them: "stop the tests from failing" stops nothing.
 */
const PHRASES = {
  where: [
    "where is it",
    "where is it now",
    "where is this",
    "where is this now",
    "where are we",
    "where are we now",
    "where is my run",
    "how far is it",
    "how far along is it",
    "how is it going",
    "what is it doing",
    "what is it doing now",
    "is it done",
    "is it done yet",
    "is it finished",
    "status",
    "progress",
    "what is the status",
    "现在到哪了",
    "到哪了",
    "跑到哪了",
    "现在跑到哪了",
    "进行到哪了",
    "现在进行到哪了",
    "进行到哪里了",
    "进行到哪一步了",
    "到哪一步了",
    "现在到哪一步了",
    "现在是哪一步",
    "进度",
    "进度如何",
    "进度怎么样",
    "现在怎么样了",
    "状态",
    "现在什么状态",
    "完成了吗",
    "好了吗",
  ],
  why: [
    "why is it waiting",
    "why is it still waiting",
    "why is this waiting",
    "why is this still waiting",
    "why are we waiting",
    "why are we still waiting",
    "why does it wait",
    "what is it waiting for",
    "what are we waiting for",
    "who is it waiting for",
    "why is it not running",
    "why is it stuck",
    "why is it not moving",
    "为什么在等",
    "为什么还在等",
    "为什么要等",
    "它为什么还在等",
    "为什么还没开始",
    "为什么不动了",
    "为什么卡住了",
    "在等什么",
    "还在等什么",
    "在等谁",
    "卡在哪了",
  ],
  cancel: [
    "cancel",
    "cancel it",
    "cancel this",
    "cancel the run",
    "cancel this run",
    "stop",
    "stop it",
    "stop this",
    "stop the run",
    "abort",
    "取消",
    "取消吧",
    "取消它",
    "取消运行",
    "取消任务",
    "停止",
    "停",
    "停下",
    "停下来",
    "终止",
  ],
  running: [
    "what is running",
    "what is running now",
    "what is running right now",
    "which runs are running",
    "what runs",
    "在跑什么",
    "现在在跑什么",
    "正在跑什么",
    "现在跑着什么",
    "在运行什么",
    "现在在运行什么",
    "正在运行什么",
    "有什么在运行",
    "有什么在跑",
    "哪些任务在运行",
  ],
  help: [
    "help",
    "what can you do",
    "how does this work",
    "hello",
    "hi",
    "hey",
    "帮助",
    "怎么用",
    "你能做什么",
    "你会做什么",
    "你好",
    "您好",
  ],
} as const;

export type ChatPhrase = keyof typeof PHRASES;

const MEANINGS: ReadonlyMap<string, ChatPhrase> = new Map(
  (Object.keys(PHRASES) as ChatPhrase[]).flatMap((meaning) =>
    PHRASES[meaning].map((phrase) => [normalized(phrase), meaning] as const),
  ),
);

/** What a whole message means; undefined where it is none of the known sentences. */
export function phraseIn(text: string): ChatPhrase | undefined {
  return text.length > 100 ? undefined : MEANINGS.get(normalized(text));
}

/** One form for each character, "what's" is "what is", no punctuation; Chinese is compared without blanks. */
function normalized(text: string): string {
  const words = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/(?<=\b(?:what|where|how|who|why))['’]s\b/gu, " is")
    .replace(/[\p{P}\p{S}]+/gu, " ")
    .replace(/\s+/gu, " ")
    .trim()
    .replace(/^(?:please|hey|hi|ok|请问|请) ?(?=\S)/u, "")
    .replace(/ please$/u, "");
  return /\p{Script=Han}/u.test(words) ? words.replaceAll(" ", "") : words;
}
