import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { renderCard } from "../../../adapters/terminal/render-card.ts";
import { widthOf } from "../../../adapters/terminal/text-width.ts";
import { cardOf, cardsOf } from "../../../src/cards/cards-of.ts";
import { SHIPPED_LANGUAGES, translatorFor } from "../../../src/i18n.ts";
import { RUNS } from "../../fixtures/runs.ts";

describe("cards on a terminal", () => {
  const cards = Object.entries(RUNS).flatMap(([name, run]) =>
    SHIPPED_LANGUAGES.flatMap((language) =>
      cardsOf(run).flatMap((kind) => {
        const card = cardOf(run, kind, translatorFor(language));
        return card === undefined ? [] : [{ name, language, kind, card }];
      }),
    ),
  );
  test.each(cards)("$name $kind $language is wrapped, and colour only dresses it", ({ card }) => {
    const plain = renderCard(card, { color: false, columns: 60 });
    expect(plain.split("\n").filter((line) => widthOf(line) > 60)).toEqual([]);
    expect(plain).not.toContain("\u001b");
    expect(stripVTControlCharacters(renderCard(card, { color: true, columns: 60 }))).toBe(plain);
  });

  test("a decision says that it is no popup, and leaves the way to answer to the program", () => {
    const card = cardOf(RUNS.waiting, "decision", translatorFor("en"));
    if (card === undefined) throw new Error("fixture");
    const shown = renderCard(card, { color: false, columns: 80 });
    expect(shown).toContain("It is not a popup.");
    expect(shown).not.toContain("Reply with");
  });

  test("long items hang under their own text", () => {
    const card = cardOf(RUNS.completed, "result", translatorFor("en"));
    if (card === undefined) throw new Error("fixture");
    expect(renderCard(card, { color: false, columns: 50 })).toContain(
      "  - 2 files have changes that are not committed;\n    these changes were not included",
    );
  });
});
