/**
 * Does a goal waive the confirmation (G8)? A waiver that was not meant starts work that nobody allowed; one that is
 * not understood costs a click. So only what plainly says so counts, and any doubt means: ask.
 */

const BEGIN = "(?:^|, ?)(?:(?:ok|okay|please|and|so|just|you) )*";
const START = `(?<=${BEGIN})`;
const END = "(?= ?(?:,|$| and | just do ))";
const WHAT_FOR =
  "(?: me| us| anyone| anybody)?(?: (?:for (?:my |any |a )?(?:confirmation|permission|approval)|to confirm|again|first|anything|(?:any )?questions?|any ?more|please))?";

/** Bound to a clause, since the same words also describe things: "scripts that delete without asking". */
const WAIVERS = new RegExp(
  [
    "(?<!(?<!\\byou )\\bto )\\bjust do it\\b",
    `${START}auto ?proceed${END}`,
    `${START}(?:(?:do not|don't|dont)(?: (?:need|have) to)?|no need (?:for you )?to|there(?:'s| is) no need to|need not|needn't) (?:ask|confirm)${WHAT_FOR}${END}`,
    `${START}(?:there(?:'s| is) )?no (?:need for (?:a |any )?confirmation|confirmation(?: is)? (?:needed|required|necessary))${END}`,
    `(?<=${BEGIN}(?:(?:run|start|execute|proceed|continue|go)(?: [^ ,]{1,40}){0,4} )?|\\b(?:do it|go ahead) )without (?:asking|confirming|confirmation)${WHAT_FOR}${END}`,
    "(?:不需要|无需|无须|不用|不必)(?:再|我|向我|跟我)*(?:确认|询问|问)我?(?!的)",
    "别问我?了?(?=,|$)",
    "(?<=(?:^|,)(?:请|你|您|就|那|可以|麻烦|帮我)*)直接(?:执行|做|开始)(?!的)",
    "(?<![可以能会被将])直接(?:执行|做|开始)(?:吧|即可|就行|就好|好了)?(?=,|$)",
  ].join("|"),
  "gu",
);

/** Denies, bounds or only describes what else stands in the sentence. */
const DOUBT = new RegExp(
  [
    "\\b(?:not|never|no|nor|none|nothing|nobody|neither|cannot|without|dont|doesnt|cant|wont|mustnt|shouldnt)\\b|n't\\b",
    "\\b(?:unless|until|till|before|after|except|if|when|whenever|once|while|provided|long as|but|however|first|instead|rather)\\b",
    "(?<!\\b(?:read|analysis|report|local) )\\bonly\\b",
    "\\b(?:refrain|avoid|stop|forbid\\w*|prohibit\\w*|against|that|which|who|whether|why|would|should|could|might)\\b",
    "[?不勿未没无莫禁再才若但]|(?<![分特级类区个识])别|(?<![优首])先|并非|非经|除非|除了|除外|如果|当.*时|等[我你待到]|[只仅](?!读|分析)",
    "之前|以前|之后|以后|然后|[吗哪谁]|是否|能否|怎么|为什么|否则|拒绝|避免|防止|代替",
  ].join("|"),
  "u",
);

/** Speaks of consent: who wants to be asked at one point has not waived. */
const CONSENT =
  /\b(?:ask(?:s|ed|ing)?|confirm\w*|approv\w*|permission|consent|wait|check with)\b|确认|询问|问我|问一下|批准|审批|同意|许可/u;

/** A sentence that takes back what was said before it. */
const TAKES_BACK = /^,? ?(?:(?:unless|except|but|however|otherwise|only|if|not)\b|除非|除了|例外|但|不过|然而|只有)/u;

/** The words with which the goal itself waives the confirmation (G8); undefined where it does not, or may not. */
export function goAheadWords(goal: string): string | undefined {
  const sentences = sentencesOf(goal).map((sentence) => ({
    words: sentence.match(WAIVERS)?.[0]?.trim(),
    rest: sentence.replace(WAIVERS, ","),
  }));
  const waivers = sentences.filter(({ words }) => words !== undefined);
  const isDoubted =
    waivers.some(({ rest }) => DOUBT.test(rest)) ||
    sentences.some(({ rest }) => CONSENT.test(rest) || TAKES_BACK.test(rest));
  return isDoubted ? undefined : waivers[0]?.words;
}

/** In lower case, punctuation as commas. What stands in quotation marks is spoken of and not said. */
function sentencesOf(goal: string): string[] {
  return (
    goal
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[’‘]/gu, "'")
      .replace(/"[^"]{0,300}"|“[^”]{0,300}”|「[^」]{0,300}」|`[^`]{0,300}`/gu, " … ")
      // Three dots may stand inside a sentence, and so may a line's end: "never …\n… without asking".
      .split(/(?<=[!?。])|(?<=(?<!\.|\b(?:e\.g|i\.e|etc|cf|vs))\.)(?=\s|$)/u)
      .map((sentence) =>
        sentence
          .replaceAll("-", " ")
          .replace(/[^\p{L}\p{N}'?\s]+/gu, ",")
          .replace(/\s+/gu, " ")
          .replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, "")
          .trim(),
      )
  );
}
