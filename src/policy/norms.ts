import type { NotEnforcedBecause, PolicyCheck } from "../contracts/policy.ts";
import { wordsOf } from "./command-words.ts";
import { isAmbiguous, isCommandLike, isPathLike, isProgram } from "./code-kinds.ts";
import { globsOf } from "./path-globs.ts";
import { CLOSE, OPEN, type Sentence } from "./sentences.ts";

/**
 * The small compiler of rule files. A sentence becomes a check only if it is one of these forms as a whole, in English
 * or Chinese; whatever else it says makes it context for agents. A rule that is not understood is not enforced, and is
 * said to be so; a rule that is misunderstood would be a lie. The forms:
 *
 * | form                                   | example                                                    |
 * | -------------------------------------- | ---------------------------------------------------------- |
 * | who? never + change + paths (why?)     | Never edit `dist/` or `*.lock`: they are generated.        |
 * | paths + must not be + changed (why?)   | `migrations/` must not be modified.                        |
 * | never + run + commands (why?)          | Do not use `rm -rf`.                                       |
 * | always? run + commands + before leaving | Run `npm test` before committing.                         |
 * | before leaving, run + commands         | Before opening a pull request, run `make lint`.            |
 * | commands + must pass + before leaving  | `npm test` must pass before merging.                       |
 * | you may + change + paths               | You may edit `docs/generated/`. (an exception)             |
 *
 * A heading or a line with a colon above a list stands in front of each of its items: "Never edit:", then "- `dist/`".
 *
 * Not compiled, on purpose: conditions and exceptions ("unless", "when", "on Windows", "除非"), ways of doing it ("by
 * hand", "directly", "手动"), soft words ("avoid", "prefer", "尽量"), double negation, deletion alone (a diff does not
 * say why), code blocks, quotations, examples, and words in backticks that are no path and no command. What stands
 * after a sentence, or above it, may take it back ("Except on Fridays.", "## Optional"): then it is none either.
 */
export type Compiled =
  | { readonly kind: "checks"; readonly checks: readonly PolicyCheck[] }
  | { readonly kind: "context"; readonly because: NotEnforcedBecause };

const CODE = `${OPEN}\\d+${CLOSE}`;
const JOIN = "(?:\\s*,\\s*(?:(?:and|or|nor)\\s+)?|\\s+(?:and|or|nor)\\s+)(?:the\\s+)?";
const CODES = `(?<codes>${CODE}(?:${JOIN}${CODE})*)`;
const LEAD = "(?:(?:please|note|important|warning|critical|rule|remember|also)\\s*[:,!-]?\\s+){0,3}";
const WHO = "(?:(?:you|we|agents?|ai agents?|coding agents?|contributors?|developers?|everyone|workers?)\\s+)?";
const NEVER =
  "(?:never|do not|don't|(?:must|should|shall|may|can)(?: ?not| never|n't)|can't|are (?:not|never) (?:allowed|permitted) to|are not to)(?:\\s+ever)?";
const EDIT =
  "(?:edit|modify|change|touch|alter|overwrite|write (?:to|into|in)|commit|update|make (?:any )?changes (?:to|in))";
const EDITS = `${EDIT}(?:(?:\\s*,\\s*(?:or\\s+)?|\\s+(?:or|nor)\\s+)${EDIT})*`;
const EDITED = "(?:edited|modified|changed|touched|altered|overwritten|written to|committed|updated)";
const EDITEDS = `${EDITED}(?:(?:\\s*,\\s*(?:or\\s+)?|\\s+(?:or|nor)\\s+)${EDITED})*`;
const NOUN =
  "(?:(?:any|the|our|all|these|those|following|generated|vendored|of)\\s+)*(?:(?:files?|code|anything|everything|contents?|sources?)\\s+(?:in|under|inside|within|below|of|matching|named)\\s+)?(?:the\\s+)?(?:(?:files?|folders?|director(?:y|ies)|paths?)\\s+)?";
const AFTER =
  "(?:\\s+(?:files?|folders?|director(?:y|ies)|dir|tree|paths?))?(?:\\s+(?:at all|ever|here|please|in this (?:repo|repository|project)))?";
/** An explanation may follow; it holds no code, and nothing that bounds the rule (see BOUNDS). */
const WHY = `(?<why>(?:\\s*\\([^()${OPEN}]*\\))?(?:\\s*(?:[:;–—]|\\s-\\s|,?\\s+because\\b|,?\\s+(?:since|as)\\s+(?:it|they|this|these|those|that|we|everything|all)\\b|,\\s*(?:it|they|this|these|those|that|which)\\b)[^${OPEN}]*)?)`;
/** No two parts of it take the same words: each "or" would double the ways to read what is no rule in the end. */
const LEAVING =
  "(?:(?:every|each|any|all|a|an|the|your|making|you)\\s+)*(?:commit(?:s|ting)?|push(?:es|ing)?|merg(?:es?|ing)|(?:(?:open|creat|submit)(?:e|s|ing|ting)?\\s+(?:(?:a|an|any|the|your)\\s+)?)?(?:prs?|pull requests?|merge requests?)|submit(?:ting)?|finish(?:ing)?|handing (?:in|over))(?:\\s+(?:your\\s+|any\\s+)?(?:changes|code|work))?";
const BEFORE = `(?:before|prior to)\\s+${LEAVING}(?:\\s+(?:or|and)\\s+${LEAVING})*`;
const AFTER_CHANGE = "after\\s+(?:making\\s+)?(?:(?:every|each|any|all|your)\\s+)?(?:code\\s+)?(?:changes?|edits?)";
const MUST =
  "(?:(?:always|must|should|shall|have to|need to|make sure to|be sure to|remember to|make sure (?:that )?you|ensure (?:that )?you)\\s+)*";
const RUN = "(?:run|execute)";
const COMMANDS = "(?:the\\s+)?(?:commands?\\s+)?";

const ZH_CODES = `(?<codes>${CODE}(?:(?:、|,|和|或|或者|与|以及|及)${CODE})*)`;
const ZH_LEAD =
  "(?:(?:请注意|注意|重要|警告|规则|务必|切记|记住|请|你|我们|代理|智能体|任何人|所有人|贡献者|开发者)[:,]?){0,4}";
const ZH_NEVER =
  "(?:(?:绝对|永远|千万|一律|都|也){0,3}(?:不要|不得|禁止|请勿|切勿|严禁|不可以|不可|不能|不许|不应该|不应|不允许|勿|别)(?:再)?)";
const ZH_EDIT = "(?:修改|编辑|改动|更改|变更|触碰|动|写入|覆盖|提交|更新|改)";
const ZH_EDITS = `${ZH_EDIT}(?:(?:、|,|或|或者|和)${ZH_EDIT})*`;
const ZH_NOUN = "(?:任何|所有|以下|下列|下面|如下|这些|位于|在|(?:的|中的)?(?:文件|目录|文件夹|路径)[:]?)*";
const ZH_AFTER =
  "(?:这个|该)?(?:目录|文件夹|文件|路径)?(?:下面|下|中|里面|里|内)?(?:的)?(?:任何|所有)?(?:文件|内容|代码|东西)?";
const ZH_WHY = `(?<why>(?:\\([^()${OPEN}]*\\))?(?:(?:[:;]|——|,?(?:因为|由于)|,(?:它|它们|这|那|该))[^${OPEN}]*)?)`;
const ZH_LEAVING =
  "(?:每次|任何|所有)?(?:提交|推送|合并|交付|发起|创建|打开)(?:代码|更改|改动|修改|变更)?(?:pr|拉取请求|合并请求)?";
const ZH_RUN = "(?:运行|执行|跑)";
const ZH_MUST = "(?:请|必须|务必|一定要|都要|都必须|需要|须|需|应该|应当|应|先|要|总是|始终){0,4}";

/** Names in backticks that are said to be folders. */
const FOLDER = new RegExp(
  `${CODE} (?:folders?|director(?:y|ies))\\b|\\b(?:folders?|director(?:y|ies)) ${CODE}|\\b(?:files?|code|anything|everything) (?:in|under|inside|within|below) (?:the )?${CODE}|${CODE} ?(?:目录|文件夹)`,
  "iu",
);
const LONGEST = 800;

type Form = "deny_paths" | "allow_paths" | "deny_command" | "require_command";

function form(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`, "iu");
}

const FORMS: readonly { readonly form: Form; readonly pattern: RegExp }[] = [
  { form: "deny_paths", pattern: form(`${LEAD}${WHO}${NEVER}\\s+${EDITS}\\s+${NOUN}${CODES}${AFTER}${WHY}`) },
  {
    form: "deny_paths",
    pattern: form(
      `${LEAD}${NOUN}${CODES}${AFTER}\\s+(?:(?:must|should|shall|may|can)(?: ?not| never|n't)\\s+(?:ever\\s+)?be\\s+${EDITEDS}|(?:is|are) off[- ]limits)${WHY}`,
    ),
  },
  {
    form: "deny_command",
    pattern: form(
      `${LEAD}${WHO}${NEVER}\\s+(?:run|execute|use|invoke)\\s+${COMMANDS}${CODES}(?:\\s+commands?)?${AFTER}${WHY}`,
    ),
  },
  {
    form: "require_command",
    pattern: form(`${LEAD}${WHO}${MUST}${RUN}\\s+${COMMANDS}${CODES}\\s+(?:${BEFORE}|${AFTER_CHANGE})${WHY}`),
  },
  {
    form: "require_command",
    pattern: form(`${LEAD}(?:${BEFORE}|${AFTER_CHANGE}),?\\s+${LEAD}${WHO}${MUST}${RUN}\\s+${COMMANDS}${CODES}${WHY}`),
  },
  {
    form: "require_command",
    pattern: form(`${LEAD}${COMMANDS}${CODES}\\s+(?:must|has to|should) pass\\s+${BEFORE}${WHY}`),
  },
  {
    form: "allow_paths",
    pattern: form(
      `${LEAD}(?:you|we|agents?|ai agents?|workers?|contributors?)\\s+(?:may|can|are (?:allowed|free) to)\\s+(?:freely\\s+)?${EDITS}\\s+${NOUN}${CODES}${AFTER}${WHY}`,
    ),
  },
  { form: "deny_paths", pattern: form(`${ZH_LEAD}${ZH_NEVER}${ZH_EDITS}${ZH_NOUN}${ZH_CODES}${ZH_AFTER}${ZH_WHY}`) },
  {
    form: "deny_paths",
    pattern: form(`${ZH_LEAD}${ZH_NEVER}对${ZH_CODES}${ZH_AFTER}(?:进行|做)(?:任何)?${ZH_EDITS}${ZH_WHY}`),
  },
  {
    form: "deny_paths",
    pattern: form(`${ZH_LEAD}${ZH_NOUN}${ZH_CODES}${ZH_AFTER}${ZH_NEVER}(?:被)?${ZH_EDITS}${ZH_WHY}`),
  },
  {
    form: "deny_command",
    pattern: form(`${ZH_LEAD}${ZH_NEVER}(?:${ZH_RUN}|使用|调用|用)(?:命令)?${ZH_CODES}(?:命令)?${ZH_WHY}`),
  },
  {
    form: "require_command",
    pattern: form(
      `${ZH_LEAD}${ZH_MUST}在?${ZH_LEAVING}(?:之前|以前|前),?${ZH_LEAD}${ZH_MUST}${ZH_RUN}(?:命令)?${ZH_CODES}${ZH_WHY}`,
    ),
  },
  {
    form: "require_command",
    pattern: form(
      `${ZH_LEAD}${ZH_MUST}${ZH_RUN}(?:命令)?${ZH_CODES}(?:之后|以后|后)(?:再|才能|才可以|才可|方可)${ZH_LEAVING}${ZH_WHY}`,
    ),
  },
  {
    form: "allow_paths",
    pattern: form(
      `(?:你|代理|智能体|贡献者)?(?:可以|允许|能够)(?:自由)?${ZH_EDITS}${ZH_NOUN}${ZH_CODES}${ZH_AFTER}${ZH_WHY}`,
    ),
  },
];

/** It holds only sometimes, or only for a way of doing it: no check can tell. */
const HEDGES =
  /\b(?:unless|except(?:ing|ions?)?|excluding|other than|apart from|aside from|besides|if|when(?:ever)?|while|until|till|without|but|however|(?<!read-)only|in case|as long as|provided|outside of|where|once|usually|generally|normally|typically|mostly|often|sometimes|ideally|try|prefer|avoid|consider|optional(?:ly)?|recommend(?:ed|ations?)?|suggest(?:ed|ions?)?|propos(?:ed|als?)|drafts?|todo|ideas?|temporarily|for now|currently|yet|directly|manually|by hand|yourself|unnecessarily|lightly|needlessly|blindly|casually|on your own|more than)\b|除非|除了|除外|例外|如果|假如|若|(?<!应)当|时候|但|不过|然而|直到|只要|只有|仅|尽量|最好|建议|推荐|可选|草案|一般|通常|未经|没有|情况下|不一定|不必|无需|不需要|手动|手工|直接|擅自|随意|暂时|目前/iu;
const TIMES = /\b(?:before|after|during|prior to|first)\b|之前|以前|之后|以后|期间/iu;
const EXAMPLES =
  /\b(?:e\.g|i\.e|for example|for instance|such as|examples?|samples?|anti-?patterns?|bad|wrong|outdated|obsolete|deprecated|old|former(?:ly)?|used to)\b|例如|比如|譬如|示例|例子|反例|错误|过时|旧|曾经/iu;
const NORMATIVE =
  /\b(?:never|do not|don't|must|should|shall|always|cannot|can't|may not|required?|forbidden|run|avoid)\b|不要|不得|禁止|请勿|切勿|严禁|不可|不能|不许|不应|必须|务必|一定要|运行|执行/iu;
const NEGATED = /\b(?:not|never|no|false|untrue|forbidden|prohibited)\b|n't|不|非|假|禁|勿/iu;
/** "Dos and don'ts": what stands below says by itself which of them it is. */
const BOTH = /\bdo'?s? (?:and|&|\/) /iu;
/** An explanation says what a thing is. One that permits, denies or begins with a circumstance bounds the rule. */
const BOUNDS =
  /^[\s(:;,–—-]*(?:on|in|for|at|with|under|to|by|from|of|as(?! (?:it|they|this|these|those|that|we|everything|all)\b))\b|\b(?:not|never|no|ok(?:ay)?|fine|allowed|permitted|may|might|can|could|should|must|ask|or|though|although|instead|appl(?:y|ies)|rules?|humans?|people|skip(?:ped)?)\b|n't|^[(:;,—]*在|不|可以|能够|允许|规则|规定|适用|批准|许可|废|取消|跳过|或/iu;
/** What follows a rule and says that it is none. */
const WITHDRAWN =
  /\b(?:rules?|not (?:true|enforced)|untrue|wrong|withdrawn|no longer|any ?more|appl(?:y|ies)|ignored?|skip(?:ped)?|examples?)\b|规则|作废|废止|废弃|不适用|不再|可以跳过|忽略/iu;
/** "On Windows:", "For release managers": what stands below holds for some only. */
const CIRCUMSTANCE = /^(?:on|in|for|at|with|under|as|by|from|during)\s/iu;
const EVERYONE =
  /^(?:on|in|for) (?:(?:all|any|the|this|our|ai|coding|every) )*(?:repo(?:sitory)?|project|code ?base|agents?|contributors?|developers?|everyone|all)$/iu;

/** What one sentence demands of whoever works below `folder` (empty for the root). */
export function compileSentence(sentence: Sentence, folder: string): Compiled {
  const context = (because: NotEnforcedBecause): Compiled => ({ kind: "context", because });
  if (sentence.standing === "example" || sentence.standing === "quotation") return context(sentence.standing);
  if (!sentence.text.includes(OPEN)) return context("no_rule");
  // Rules that people remember are short; a longer text could cost more time than it is worth.
  if (sentence.text.length > LONGEST || sentence.around.some(({ text }) => text.length > 2 * LONGEST))
    return context("unclear");
  const own = normalized(sentence.text);
  const lead = sentence.lead === undefined || sentence.lead.includes(OPEN) ? undefined : normalized(sentence.lead);
  const isItem = lead !== undefined && own.startsWith(OPEN);
  const text = isItem ? `${lead.replace(/:$/, "")} ${own}` : own;
  if (text.length > LONGEST) return context("unclear");
  const doubt = doubtIn(text, sentence, isItem);
  if (doubt !== undefined) return context(doubt);
  const found = FORMS.map(({ form: kind, pattern }) => ({ kind, match: pattern.exec(tight(text)) })).find(
    ({ match }) => match !== null,
  );
  const listed = found?.match?.groups?.["codes"];
  if (found === undefined || listed === undefined) return context(NORMATIVE.test(text) ? "unclear" : "no_rule");
  if (found.kind !== "require_command" && TIMES.test(text)) return context("conditional");
  if (found.kind === "require_command" && /\bor\b|或/iu.test(listed)) return context("unclear");
  if (BOUNDS.test(found.match?.groups?.["why"] ?? "")) return context("conditional");
  // Below "Don't" a demand or a permission means the contrary, or nothing that is certain.
  if (!found.kind.startsWith("deny") && isBelowProhibition(sentence)) return context("unclear");
  const codes = Array.from(listed.matchAll(/\d+/g), ([number]) => sentence.codes[Number(number)] ?? "");
  const checks = checksOf(found.kind, codes, text, folder);
  return checks === undefined ? context("unclear") : { kind: "checks", checks };
}

function doubtIn(text: string, { around }: Sentence, isItem: boolean): NotEnforcedBecause | undefined {
  if (/~~|["“”«»「」『』]/u.test(text)) return "quotation";
  if (EXAMPLES.test(text)) return "example";
  if (HEDGES.test(text)) return "conditional";
  for (const { kind, text: written } of around) {
    const nearby = normalized(written).replace(/:$/, "");
    if (kind !== "after" && EXAMPLES.test(nearby)) return "example";
    if (HEDGES.test(nearby)) return "conditional";
    if (kind === "after" && WITHDRAWN.test(nearby)) return "conditional";
    if (kind !== "after" && CIRCUMSTANCE.test(nearby) && !EVERYONE.test(nearby)) return "conditional";
    if (kind === "lead" && !isItem && NEGATED.test(nearby)) return "unclear";
  }
  return undefined;
}

function isBelowProhibition({ around }: Sentence): boolean {
  return around.some(({ kind, text }) => {
    const heading = normalized(text);
    return kind === "heading" && NEGATED.test(heading) && !BOTH.test(heading);
  });
}

function checksOf(kind: Form, codes: readonly string[], text: string, folder: string): PolicyCheck[] | undefined {
  if (kind === "deny_paths" || kind === "allow_paths") {
    const isPath = (code: string): boolean => isPathLike(code) || (FOLDER.test(text) && /^[\w.-]+$/.test(code));
    const globs = codes.map((code) => (isPath(code) ? globsOf(code, folder) : []));
    return globs.every((some) => some.length > 0) ? [{ kind, globs: globs.flat() }] : undefined;
  }
  const commands = codes.map((code) => (isCommandLike(code) ? wordsOf(code) : undefined));
  // "Do not use `any`" is about the language, not about a program called "any".
  const isUse = kind === "deny_command" && !/\b(?:run|execute|invoke)\b|运行|执行|跑/iu.test(text);
  const checks = commands.flatMap((words): PolicyCheck[] =>
    words === undefined || (isUse && (!isProgram(words[0] ?? "") || isAmbiguous(words))) ? [] : [{ kind, words }],
  );
  return checks.length === codes.length ? checks : undefined;
}

/** Full-width punctuation as the plain one, one blank for many, no mark at the end. */
function normalized(text: string): string {
  return text
    .replaceAll(/[’‘]/gu, "'")
    .replaceAll("，", ",")
    .replaceAll("：", ":")
    .replaceAll("；", ";")
    .replaceAll("（", "(")
    .replaceAll("）", ")")
    .replaceAll(/\s+/gu, " ")
    .replace(/[.!。！]+$/u, "")
    .trim();
}

/** Chinese is written with and without blanks around code and Latin words; the forms know it without. */
function tight(text: string): string {
  if (!/\p{Script=Han}/u.test(text)) return text;
  return text.replaceAll(/\s+/gu, "");
}
