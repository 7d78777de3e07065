import { decodeToken, type ButtonAction } from "../../src/commands/token.ts";
import { RunId } from "../../src/contracts/id.ts";

/** What a control of ours means: a button of a card, or one of the steps that Discord needs in between. */
export type Control =
  | { readonly kind: "action"; readonly button: ButtonAction; readonly step: Step }
  | { readonly kind: "ask"; readonly runId: RunId }
  | { readonly kind: "start"; readonly offer: string }
  | { readonly kind: "unknown" };

/**
 * `first`: the control on the card. `sure`: the person was asked whether they mean it. `form`: what a form holds;
 * `page` counts the forms of a card with more arguments than one form takes, `shown` tells what its fields held at first.
 */
type Step =
  | { readonly is: "first" }
  | { readonly is: "sure" }
  | { readonly is: "page"; readonly page: number }
  | { readonly is: "form"; readonly page: number; readonly shown: string };

const ASK = "cxd.ask.";
const START = "cxd.start.";

export function askToken(runId: RunId): string {
  return `${ASK}${runId}`;
}

/** The button of an offered run; `offer` is the message in which it was said. */
export function startToken(offer: string): string {
  return `${START}${offer}`;
}

export function sureToken(token: string): string {
  return `${token}~sure`;
}

/** `page` 0: which of them has first to be asked. */
export function pageToken(token: string, page: number): string {
  return `${token}~page${page}`;
}

/** Phones keep what was typed into a form by its id, so each opening of a form has its own. */
export function formToken(token: string, page: number, opening: string, shown = ""): string {
  return `${token}~form${page}~${opening}.${shown}`;
}

export function readCustomId(customId: string): Control {
  if (customId.startsWith(ASK)) {
    const runId = RunId.safeParse(customId.slice(ASK.length).split("~")[0]);
    return runId.success ? { kind: "ask", runId: runId.data } : { kind: "unknown" };
  }
  const offer = /^cxd\.start\.(\d{17,20})$/u.exec(customId)?.[1];
  if (offer !== undefined) return { kind: "start", offer };
  const [token = "", more, opening] = customId.split("~");
  const step = stepIn(more, opening);
  const decoded = decodeToken(token);
  return decoded.kind === "unknown" || step === undefined ? { kind: "unknown" } : { ...decoded, step };
}

function stepIn(more: string | undefined, opening: string | undefined): Step | undefined {
  if (more === undefined) return { is: "first" };
  if (more === "sure" && opening === undefined) return { is: "sure" };
  const [, is, page] = /^(page|form)(\d{1,2})$/u.exec(more) ?? [];
  if (is === "page" && opening === undefined) return { is, page: Number(page) };
  if (is !== "form" || opening === undefined) return undefined;
  return { is, page: Number(page), shown: opening.split(".")[1] ?? "" };
}
