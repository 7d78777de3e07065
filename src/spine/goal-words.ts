/**
 * Words that people use in goals, in the languages that they write in. This is input, not output: what is
 * shown to people stands in `locales/`. Phrases are matched on the normalised goal, whole words only.
 */

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Lower case, one form for each character, punctuation as blanks: "Health-Check!" is "health check". */
export function normalizePhrase(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[’‘']/gu, "'")
    .replace(/[^\p{L}\p{N}']+/gu, " ")
    .trim();
}

/** Does the goal hold the phrase? Scripts without blanks are compared without them. */
export function holdsPhrase(goal: string, phrase: string): boolean {
  const wanted = normalizePhrase(phrase);
  const text = normalizePhrase(goal);
  if (wanted === "") return false;
  if (UNSPACED.test(wanted)) return text.replaceAll(" ", "").includes(wanted.replaceAll(" ", ""));
  return ` ${text} `.includes(` ${wanted} `);
}

/** The phrases of a list that the goal holds. */
export function phrasesIn(goal: string, phrases: readonly string[]): string[] {
  return phrases.filter((phrase) => holdsPhrase(goal, phrase));
}

/** Types that are not built (G11), by what people say when they mean them. */
export const TYPE_PHRASES = {
  A: [
    "meta theory analysis",
    "agent audit",
    "audit the agents",
    "audit our agents",
    "five criteria",
    "death patterns",
    "元理论分析",
    "四种死法",
    "五标准",
    "审计智能体",
    "智能体审计",
  ],
  B: [
    "create an agent",
    "create a new agent",
    "design an agent",
    "agent creation",
    "build an agent",
    "split the agent",
    "agent split",
    "创建智能体",
    "新建智能体",
    "创建 agent",
    "设计 agent",
    "拆分 agent",
    "agent创建",
    "agent设计",
    "agent拆分",
  ],
  D: [
    "review this proposal",
    "review the proposal",
    "review this article",
    "review the article",
    "review this paper",
    "review this plan",
    "review the plan",
    "review this pull request",
    "review the pull request",
    "review my pull request",
    "review this pr",
    "review the pr",
    "review my pr",
    "评审方案",
    "评审这个方案",
    "审阅文章",
    "审阅这篇文章",
    "评审提案",
  ],
  E: ["card deck", "rhythm orchestration", "attention cost", "节奏编排", "事件牌组", "出牌", "发牌"],
} as const;

/** Questions about runs, which `status` and `queue` answer. */
export const RUN_QUERY_PHRASES = [
  "where is it now",
  "where is my run",
  "status of my run",
  "status of the run",
  "run status",
  "is it done yet",
  "is it finished",
  "how far is it",
  "what is in the queue",
  "what's in the queue",
  "show the queue",
  "which runs are running",
  "what is running",
  "what's running",
  "why is it waiting",
  "why is it still waiting",
  "why is my run waiting",
  "跑到哪了",
  "到哪一步了",
  "进行到哪",
  "运行状态",
  "任务进度",
  "队列里有什么",
  "完成了吗",
  "在跑什么",
  "在运行什么",
  "为什么还在等",
] as const;

const QUESTION_START =
  /^(?:what|why|who|whose|when|where|which|how|is|are|was|were|does|do|did|has|have|should|what's)\b/u;
const QUESTION_HAN = /^(?:为什么|什么|谁|哪|怎么|如何|是否|多少|有没有)|(?:吗|呢|多少|几个)[？?]?$/u;

/** Is the goal a question and not a request? "Can you check …?" asks for work. */
export function isQuestion(goal: string): boolean {
  return QUESTION_START.test(normalizePhrase(goal)) || QUESTION_HAN.test(goal.trim());
}

export const READ_ONLY_PHRASES = [
  "read only",
  "readonly",
  "analysis only",
  "only analyse",
  "only analyze",
  "just analyse",
  "just analyze",
  "report only",
  "don't change anything",
  "do not change anything",
  "don't modify",
  "do not modify",
  "without changing anything",
  "no changes",
  "仅分析",
  "只分析",
  "只读",
  "不要修改",
  "不要改动",
  "别改",
] as const;

export const OFFLINE_PHRASES = [
  "local only",
  "no internet",
  "no network",
  "offline",
  "without network",
  "without internet",
  "skip research",
  "不联网",
  "不要联网",
  "离线",
  "仅本地",
] as const;

/** Words that warn of more than the ordinary risk (G14). */
export const RISK_PHRASES = [
  "production",
  "credentials",
  "security incident",
  "data loss",
  "migration",
  "release",
  "deploy",
  "delete",
  "compliance",
  "生产环境",
  "生产",
  "上线",
  "发布",
  "部署",
  "删除",
  "迁移",
  "泄露",
  "合规",
] as const;

/** Meta architecture: agents and their boundaries, not the project's code (G36). */
export const META_ARCHITECTURE_PHRASES = [
  "meta architecture",
  "agent governance",
  "agent boundaries",
  "agent boundary",
  "agent roles",
  "governance",
  "元架构",
  "元理论",
  "治理",
  "agent职责",
  "agent边界",
  "智能体职责",
  "智能体边界",
] as const;

const CHANGE_VERBS =
  "fix|repair|implement|add|remove|delete|rename|refactor|rewrite|migrate|upgrade|update|deploy|install|write|create|build|change|改|修复|修好|实现|添加|删除|重构|升级|更新|部署|编写|新增";
const CHANGE_REQUEST = new RegExp(
  `(?:^(?:please |can you |could you |help me |i want you to |let's |请|帮我|麻烦)*|(?: and| then|并且|并|然后|再) ?(?:then |also )?)(${CHANGE_VERBS})(?![a-z])`,
  "u",
);

/** The verb with which the goal asks for a change ("fix …", "… and fix it"); undefined where it asks for none. */
export function changeVerb(goal: string): string | undefined {
  return CHANGE_REQUEST.exec(normalizePhrase(goal))?.[1];
}

/** Facts that only a registry knows: newest versions, advisories. A lane that uses the network can ask for them. */
export const REGISTRY_PHRASES = [
  "latest version",
  "latest versions",
  "newest version",
  "outdated",
  "advisory",
  "advisories",
  "known vulnerabilities",
  "最新版本",
  "过期",
  "过时",
  "安全公告",
  "已知漏洞",
] as const;

/** Research in the open: nothing here can do it (G28). */
export const RESEARCH_PHRASES = [
  "search the web",
  "search the internet",
  "search online",
  "browse",
  "google",
  "cite sources",
  "with citations",
  "cite your sources",
  "best practices",
  "official documentation",
  "compare with other projects",
  "regulations",
  "release schedule",
  "上网搜索",
  "联网搜索",
  "网上",
  "引用来源",
  "最佳实践",
  "官方文档",
] as const;
