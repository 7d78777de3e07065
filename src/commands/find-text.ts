/** Longest text that is looked up, in characters. */
export const FIND_TEXT_LIMIT = 200;

const PLACE_EN = "(?:repository|repo|code ?base|code|workspace|project)";
const PLACE_ZH = "(?:仓库|代码库|代码|项目|工程|工作区)";
const ENDS = String.raw`\s*[?？.。!！]*\s*`;

/** Whole sentences only: words around them would mean more than looking a text up. */
const FREE_FORMS = [
  new RegExp(
    String.raw`^\s*(?:please\s+)?(?:where(?:'s|’s|\s+is|\s+are|\s+does|\s+do)|show\s+me\s+where)\s+(.+?)(?:\s+(?:appears?|occurs?|stands?|is|are|used|is\s+used))?\s+in\s+(?:the|this|my|our)\s+${PLACE_EN}${ENDS}$`,
    "iu",
  ),
  new RegExp(
    String.raw`^\s*(?:请问|请)?\s*(.+?)\s*(?:出现|用)?在(?:这个|本|整个|我们的|我的)?${PLACE_ZH}(?:里面|里|中|内)?的?(?:哪里|哪儿|什么地方|哪些地方|哪个文件|哪些文件|什么位置)(?:里|中)?(?:出现|用到|使用)?(?:呢|了)?${ENDS}$`,
    "iu",
  ),
  new RegExp(
    String.raw`^\s*(?:请问|请)?\s*(?:这个|本|整个)?${PLACE_ZH}(?:里面|里|中|内)?(?:哪里|哪儿|什么地方|哪些地方)(?:有|出现了?|用到了?)\s*(.+?)(?:呢)?${ENDS}$`,
    "iu",
  ),
];

/** "find the bug in the repository" asks for work, so these take a quoted text only. */
const QUOTED_FORMS = [
  new RegExp(
    String.raw`^\s*(?:please\s+)?(?:find|look\s+up|look\s+for|search\s+for|search)\s+(?:the\s+text\s+)?(.+?)\s+in\s+(?:the|this|my|our)\s+${PLACE_EN}${ENDS}$`,
    "iu",
  ),
  new RegExp(
    String.raw`^\s*(?:请)?\s*在(?:这个|本|整个)?${PLACE_ZH}(?:里面|里|中|内)?(?:查找|搜索|查一下|找一下|找)\s*(.+?)${ENDS}$`,
    "iu",
  ),
];

const QUOTED = /^(?:"(.+)"|“(.+)”|'(.+)'|‘(.+)’|`(.+)`|「(.+)」|『(.+)』|《(.+)》)$/su;

/**
 * The text that a sentence asks to look up in the repository ("where is TODO in the repository", "TODO 在仓库哪里"),
 * exactly as it was typed and without its quotes; undefined where the sentence asks for anything else.
 */
export function findTextOf(sentence: string): string | undefined {
  const free = firstMatch(FREE_FORMS, sentence);
  const text = free === undefined ? quoted(firstMatch(QUOTED_FORMS, sentence)) : (quoted(free) ?? free);
  return text === undefined || text.trim() === "" ? undefined : text;
}

function firstMatch(forms: readonly RegExp[], sentence: string): string | undefined {
  // Nobody types a sentence that long, and the patterns must not be made to work on one.
  if (sentence.length > FIND_TEXT_LIMIT * 2) return undefined;
  for (const form of forms) {
    const found = form.exec(sentence)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined
    ? undefined
    : QUOTED.exec(text.trim())
        ?.slice(1)
        .find((part) => part !== undefined);
}
