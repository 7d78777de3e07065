import { argumentWords } from "../../../src/cards/fallback.ts";
import { encodeToken } from "../../../src/commands/token.ts";
import type { DecisionCard } from "../../../src/contracts/card.ts";
import { translatorFor, type Translator } from "../../../src/i18n.ts";
import { hiddenFields } from "../form.ts";
import { flag, view, type Markup } from "../markup.ts";
import { QUESTION_FIELD, type Fields } from "../translate.ts";
import { argumentControl } from "./argument-control.ts";
import { askedTwice } from "./asked-twice.ts";
import { disabledFor, forReader, inReadersLanguage, whyNot, type Pressing } from "./pressing.ts";
import { sectionBlocks } from "./sections.ts";

type Question = DecisionCard["questions"][number];
type Option = Question["options"][number];

/** A question card: open as a form, resolved as the same body with what was chosen marked. */
export function decisionBody(card: DecisionCard, pressing: Pressing): Markup {
  const words = translatorFor(card.language);
  return card.resolved === null
    ? openBody(card, pressing, words)
    : resolvedBody(card, card.resolved.line, pressing, words);
}

function openBody(card: DecisionCard, pressing: Pressing, words: Translator): Markup {
  const { runId, decisionId } = card;
  const { scene } = pressing;
  const own = scene.viewer.words;
  const lang = inReadersLanguage(pressing);
  const filled = scene.note?.about === runId ? scene.note.values : {};
  const recommended = card.actions.find(({ style }) => style === "primary");
  const others = card.actions.filter((action) => action !== recommended);
  const submit = encodeToken({ action: "decision.submit", runId, decisionId });
  const refusal = pressing.why(submit);
  const whyId = `${pressing.cardId}-why`;
  const disabled = refusal === undefined ? "" : disabledFor(whyId);
  return view`
    <p class="assurance">${card.assurance}</p>
    <form method="post" action="/act" id="form-${decisionId}" class="decision">
      ${hiddenFields(scene)}<input type="hidden" name="run" value="${runId}">
      ${sectionBlocks(card.context)}
      ${roots(card).map((question) => questionTree(card, question, filled, pressing, words))}
      ${card.args.length === 0 ? "" : view`<fieldset class="args"><legend>${words.t("decision.args")}</legend>${card.args.map((argument) => argumentControl(card.decisionId, argument, filled, words))}</fieldset>`}
      ${refusal === undefined ? "" : whyNot(whyId, refusal)}
      <div class="buttons"${lang}>
        <button name="token" value="${submit}" class="primary"${disabled}>${own.t("web.card.confirm")}</button>
        ${recommended === undefined ? "" : view`<button name="token" value="${recommended.token}" class="normal"${disabled}>${forReader(recommended, pressing).label}</button>`}
        <a class="button quiet" href="#say">${own.t("web.card.ask")}</a>
      </div>
    </form>
    ${others.map((action) => askedTwice(action, pressing))}`;
}

function resolvedBody(card: DecisionCard, line: string, pressing: Pressing, words: Translator): Markup {
  return view`
    <p class="resolved">${line}</p>
    <dl class="chosen">${card.questions.map((question) => chosenLine(question, words))}</dl>
    ${card.args.length === 0 ? "" : view`<h3>${words.t("decision.args_resolved")}</h3><dl class="lines">${card.args.map((argument) => view`<div><dt>${argument.label}</dt><dd>${argumentWords(argument, argument.value, words)}</dd></div>`)}</dl>`}
    ${card.actions.map((action) => askedTwice(action, pressing))}
    <details><summary${inReadersLanguage(pressing)}>${pressing.scene.viewer.words.t("web.card.whole_question")}</summary>
      ${sectionBlocks(card.context)}
      ${card.questions.map((question) => resolvedQuestion(card, question, words))}
    </details>`;
}

function chosenLine({ chosen, options, title, number }: Question, words: Translator): Markup {
  const option = options.find(({ id }) => id === chosen);
  const answer = option === undefined ? words.t("web.card.not_answered") : `${option.letter}. ${option.label}`;
  return view`<div><dt>${number}. ${title}</dt><dd>${answer}</dd></div>`;
}

/** Questions that wait for no other, and those whose parent is not on the card. */
function roots(card: DecisionCard): Question[] {
  return card.questions.filter(
    ({ after }) => after === null || !card.questions.some(({ id }) => id === after.question),
  );
}

/** A question with those that follow from it inside, so that a hidden one hides what hangs on it. */
function questionTree(
  card: DecisionCard,
  question: Question,
  filled: Fields,
  pressing: Pressing,
  words: Translator,
): Markup {
  const children = card.questions.filter(({ after }) => after?.question === question.id);
  const choices = question.options.map((option) => optionChoice(card, question, option, filled, pressing, words));
  return view`<div class="question"${after(card, question)}>
    <fieldset><legend>${question.number}. ${question.title}</legend>
      ${question.after === null ? "" : view`<p class="muted">${words.t("decision.only_after", { choices: parentChoices(card, question).join(", ") })}</p>`}
      <div class="options">${choices}</div>
    </fieldset>
    ${children.map((child) => questionTree(card, child, filled, pressing, words))}
  </div>`;
}

/** By these marks the style sheet shows a linear question only after its parent's answer (static, for six questions of four). */
function after(card: DecisionCard, question: Question): Markup | string {
  const choices = parentChoices(card, question);
  return choices.length === 0 ? "" : view` data-after="${choices.join(" ")}"`;
}

function parentChoices(card: DecisionCard, question: Question): string[] {
  const parent = card.questions.find(({ id }) => id === question.after?.question);
  if (parent === undefined) return [];
  return parent.options
    .filter(({ id }) => question.after?.options.includes(id) === true)
    .map(({ letter }) => `${parent.number}${letter}`);
}

function optionChoice(
  card: DecisionCard,
  question: Question,
  option: Option,
  filled: Fields,
  pressing: Pressing,
  words: Translator,
): Markup {
  const name = `${QUESTION_FIELD}${question.id}`;
  const chosen = filled[name]?.[0] ?? question.drafted ?? question.options.find(isOffered)?.id;
  const id = `${card.decisionId}-${question.id}-${option.id}`;
  // A question that the style sheet hides could not be pointed at by the browser's own check.
  const required = question.after === null ? view` required` : "";
  const why = pressing.whyNotChoose(option.id);
  const rejected = option.rejectedBecause !== null || why !== undefined;
  return view`<div class="option${rejected ? " rejected" : ""}">
    <label class="pick"><input type="radio" name="${name}" value="${option.id}" data-choice="${question.number}${option.letter}" aria-describedby="${id}-fields"${required} ${flag(chosen === option.id && !rejected, "checked")} ${flag(rejected, "disabled")}> <span class="letter">${option.letter}</span> <span class="option-label">${option.label}</span></label>
    <details class="about-option" ${flag(chosen === option.id || isOffered(option), "open")}><summary${inReadersLanguage(pressing)}>${pressing.scene.viewer.words.t("web.card.about_option", { letter: option.letter })}</summary>${optionFields(card, option, `${id}-fields`, words, why)}</details>
  </div>`;
}

function isOffered(option: Option): boolean {
  return option.recommended && option.rejectedBecause === null;
}

function optionFields(
  card: DecisionCard,
  option: Option,
  id: string,
  words: Translator,
  mayNot: string | undefined,
): Markup {
  const { recommendedBecause, rejectedBecause } = option;
  const sets = card.args.flatMap((argument) => {
    const value = option.sets[argument.id];
    if (value === undefined) return [];
    return [words.t("card.labelled", { label: argument.label, value: argumentWords(argument, value, words) })];
  });
  return view`<div id="${id}" class="fields">
    ${recommendedBecause === null ? "" : view`<p class="recommended"><span class="badge good">${words.t("decision.recommended")}</span> ${recommendedBecause}</p>`}
    ${mayNot === undefined ? "" : view`<p class="may-not">${mayNot}</p>`}
    ${rejectedBecause === null ? "" : view`<p class="rejection"><span class="badge">${words.t("decision.rejected")}</span> ${rejectedBecause}</p>`}
    <dl>${option.fields.map(({ label, value }) => view`<div><dt>${label}</dt><dd>${value}</dd></div>`)}${sets.length === 0 ? "" : view`<div><dt>${words.t("web.card.sets")}</dt><dd>${words.list(sets)}</dd></div>`}</dl>
  </div>`;
}

function resolvedQuestion(card: DecisionCard, question: Question, words: Translator): Markup {
  return view`<section class="question"><h3>${question.number}. ${question.title}</h3><div class="options">${question.options.map(
    (option) =>
      view`<div class="option${option.id === question.chosen ? " is-chosen" : ""}"><p class="pick"><span class="letter">${option.letter}</span> <span class="option-label">${option.label}</span>${option.id === question.chosen ? view` <span class="badge good">${words.t("decision.chosen")}</span>` : ""}</p>${optionFields(card, option, `${card.decisionId}-${question.id}-${option.id}`, words, undefined)}</div>`,
  )}</div></section>`;
}
