import { decodeToken, type ButtonAction } from "../../../src/commands/token.ts";
import type { CardKind } from "../../../src/contracts/effect.ts";
import { CardKind as Kind } from "../../../src/contracts/effect.ts";
import type { FakeMessage } from "./world.ts";

/** Everything that a person can read in blocks. */
export function textOf(value: unknown): string {
  const found: string[] = [];
  const visit = (node: unknown, key: string): void => {
    if (typeof node === "string") {
      if (["text", "title"].includes(key)) found.push(node);
    } else if (Array.isArray(node)) node.forEach((item) => visit(item, key));
    else if (typeof node === "object" && node !== null)
      for (const [name, item] of Object.entries(node)) visit(item, name);
  };
  visit(value, "");
  return found.join("\n");
}

export interface ShownButton {
  readonly actionId: string;
  readonly value: string;
  readonly meaning: ButtonAction["action"] | undefined;
}

export function buttonsOf({ blocks }: Pick<FakeMessage, "blocks">): ShownButton[] {
  return blocks
    .flatMap(({ elements, type }) => (type === "actions" && Array.isArray(elements) ? elements : []))
    .map((element: { action_id?: unknown; value?: unknown }) => {
      const value = typeof element.value === "string" ? element.value : "";
      const decoded = decodeToken(value);
      const actionId = String(element.action_id);
      const meaning = decoded.kind === "action" && actionId.startsWith("cx.do.") ? decoded.button.action : undefined;
      return { actionId, value, meaning };
    });
}

/** Which card a message shows, by the key that it was posted under; undefined for replies and posts. */
export function cardIn({ key }: FakeMessage): { runId: string; kind: CardKind } | undefined {
  const [runId = "", , , , kind] = (key ?? "").split("/");
  const parsed = Kind.safeParse(kind);
  return parsed.success && runId.startsWith("run_") ? { runId, kind: parsed.data } : undefined;
}
