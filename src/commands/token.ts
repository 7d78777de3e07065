import { DecisionId, RunId } from "../contracts/id.ts";

/** What a button means. `decision.choose` names question and option by their position, so that it stays short. */
export type ButtonAction =
  | {
      readonly action:
        "run.cancel" | "decision.undo" | "dead_letter.retry" | "dead_letter.inspect" | "dead_letter.discard";
      readonly runId: RunId;
    }
  | {
      /** `decision.submit` confirms what stands chosen. */
      readonly action: "decision.recommended" | "decision.submit";
      readonly runId: RunId;
      readonly decisionId: DecisionId;
    }
  /** Opens the values of the card to edit them. */
  | { readonly action: "decision.arguments"; readonly runId: RunId; readonly decisionId: DecisionId }
  | {
      /** `decision.select` is a control whose value is the id of an option; `decision.details` shows the options. */
      readonly action: "decision.select" | "decision.details";
      readonly runId: RunId;
      readonly decisionId: DecisionId;
      /** Position on the card, counted from 1. */
      readonly question: number;
    }
  | {
      readonly action: "decision.choose";
      readonly runId: RunId;
      readonly decisionId: DecisionId;
      /** Positions on the card, counted from 1. */
      readonly question: number;
      readonly option: number;
    };

/** The version stands first: a button of an old message must never mean something new. */
const VERSION = "cx1";
const WORDS = {
  "run.cancel": "stop",
  "decision.undo": "undo",
  "decision.recommended": "rec",
  "decision.submit": "sub",
  "decision.arguments": "args",
  "decision.select": "sel",
  "decision.details": "det",
  "decision.choose": "opt",
  "dead_letter.retry": "retry",
  "dead_letter.inspect": "look",
  "dead_letter.discard": "drop",
} as const satisfies Record<ButtonAction["action"], string>;

/** `cx1.<word>.<rest of the run id>[.<number of the decision>[.<question>[.<option>]]]`, at most 100 characters. */
export function encodeToken(button: ButtonAction): string {
  const parts: (string | number)[] = [VERSION, WORDS[button.action], button.runId.slice("run_".length)];
  if ("decisionId" in button) parts.push(button.decisionId.slice(button.decisionId.lastIndexOf("_") + 1));
  if ("question" in button) parts.push(button.question);
  if ("option" in button) parts.push(button.option);
  return parts.join(".");
}

/** Reads a token back. What is not one of ours, or of another version, is `unknown`: a value, never an exception. */
export function decodeToken(token: string): { kind: "action"; button: ButtonAction } | { kind: "unknown" } {
  const unknown = { kind: "unknown" } as const;
  if (token.length > 100) return unknown;
  const match = /^cx1\.([a-z]+)\.([a-z0-9]+)(?:\.(\d{1,6})(?:\.(\d{1,2})(?:\.(\d{1,2}))?)?)?$/.exec(token);
  if (match === null) return unknown;
  const [, word, rest = "", counted, question, option] = match;
  const runId = RunId.safeParse(`run_${rest}`);
  const action = Object.entries(WORDS).find(([, known]) => known === word)?.[0];
  if (!runId.success || !isAction(action)) return unknown;

  switch (action) {
    case "run.cancel":
    case "decision.undo":
    case "dead_letter.retry":
    case "dead_letter.inspect":
    case "dead_letter.discard":
      return counted === undefined ? { kind: "action", button: { action, runId: runId.data } } : unknown;
    case "decision.recommended":
    case "decision.submit":
    case "decision.arguments":
    case "decision.select":
    case "decision.details":
    case "decision.choose": {
      const decisionId = DecisionId.safeParse(`dec_${rest}_${counted ?? ""}`);
      if (!decisionId.success) return unknown;
      const base = { runId: runId.data, decisionId: decisionId.data };
      const button = onDecision(action, base, numberIn(question), numberIn(option));
      return button === undefined ? unknown : { kind: "action", button };
    }
  }
}

type DecisionAction = Extract<ButtonAction, { decisionId: DecisionId }>["action"];

/** A token that names more or less than its action needs is none. */
function onDecision(
  action: DecisionAction,
  base: { readonly runId: RunId; readonly decisionId: DecisionId },
  question: number | undefined,
  option: number | undefined,
): ButtonAction | undefined {
  switch (action) {
    case "decision.recommended":
    case "decision.submit":
    case "decision.arguments":
      return question === undefined ? { action, ...base } : undefined;
    case "decision.select":
    case "decision.details":
      return question === undefined || option !== undefined ? undefined : { action, ...base, question };
    case "decision.choose":
      return question === undefined || option === undefined ? undefined : { action, ...base, question, option };
  }
}

function numberIn(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

function isAction(name: string | undefined): name is ButtonAction["action"] {
  return name !== undefined && Object.hasOwn(WORDS, name);
}
