import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { shownAs } from "../../../adapters/discord/api.ts";
import { goalIn, offerSheets } from "../../../adapters/discord/offer.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { controlsOf, textOf } from "../../fakes/discord/people.ts";
import { problemsOfMessage } from "../../fakes/discord/rules.ts";
import { aDiscordPlane, type DiscordPlane } from "../../fixtures/discord.ts";
import { eventually } from "../../fixtures/eventually.ts";

const MESSAGE = "1200000000000000001";

function offered(goal: string) {
  const words = translatorFor("zh-CN");
  const sheets = offerSheets({ kind: "offer", goal, text: words.t("chat.offer"), label: "Start" }, MESSAGE, words);
  const withButton = sheets.find(({ components }) => JSON.stringify(components).includes("cxd.start."));
  const displays = sheets.flatMap(({ components: [container] }) =>
    container.components.flatMap((component) => ("content" in component ? [component.content] : [])),
  );
  return {
    goal: goalIn(withButton?.components ?? []),
    problems: sheets.flatMap(({ components }) => problemsOfMessage(shownAs(components))),
    longest: Math.max(...displays.map(({ length }) => length)),
    buttons: JSON.stringify(sheets).match(/cxd\.start\.\d+/gu) ?? [],
  };
}

describe("the offer of a run", () => {
  test.each([
    ["2,000 characters that all have to be escaped", "*".repeat(2000)],
    ["2,000 characters that could mention somebody", "@".repeat(2000)],
    ["2,000 backslashes", "\\".repeat(2000)],
    ["2,000 characters outside of the basic plane", "😀".repeat(2000)],
    ["2,000 Chinese characters", "检".repeat(2000)],
    ["3,100 Chinese characters in lines", `${"检查屋顶。".repeat(20)}\n`.repeat(31).trimEnd()],
    // A message has at most 4,000 characters, of which the mention takes more than twenty.
    ["what else a message of words can hold", `${"check ".repeat(662)}roof!`],
    ["the same in lines", `${"check it!\n".repeat(397)}roof!`],
    ["indented lines", "look at:\n\n    - the roof\n\t* the  cellar  \n\n1. and then\thttps://example.com/#x_y"],
    ["blanks where it is cut", `a${" ".repeat(1998)}b`],
  ])("%s stand with their button, and are read back unchanged", (_, goal) => {
    const shown = offered(goal);
    expect(shown).toMatchObject({ goal, problems: [], buttons: [`cxd.start.${MESSAGE}`] });
    // Of a display Discord documents no more than of a message's content.
    expect(shown.longest).toBeLessThanOrEqual(2000);
  });

  test("whatever has a button is read back unchanged, and Discord takes it", () => {
    const character = fc.constantFrom(...Array.from("ab1.-+ \n\t*_~`|[]<>#:/\\@检😀。 "), "www.", "discord.gg/", "://");
    const words = fc.array(character, { minLength: 1, maxLength: 2500 }).map((parts) => parts.join("").trim());
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 4 }), (part, times) => {
        const goal = part.repeat(times).trim();
        fc.pre(goal !== "" && goal.length <= 4000);
        const shown = offered(goal);
        expect(shown.problems).toEqual([]);
        if (shown.buttons.length > 0 || goal.length <= 2000) expect(shown.goal).toBe(goal);
      }),
    );
  });

  test("a goal that no message can hold gets no button, and is sent to /cox run", () => {
    const goal = "检".repeat(4000);
    expect(offered(goal)).toMatchObject({ goal: undefined, problems: [], buttons: [] });
    const words = translatorFor("en");
    const [sheet] = offerSheets({ kind: "offer", goal, text: "?", label: "Start" }, MESSAGE, words);
    expect(JSON.stringify(sheet)).toContain("/cox run");
  });
});

const planes: DiscordPlane[] = [];
afterEach(async () => {
  for (const here of planes.splice(0)) {
    await here.close();
    expect(here.discord.state.violations).toEqual([]);
  }
});

test.each([
  ["Chinese", `${"请检查这座房子的屋顶。".repeat(9)}\n`.repeat(30).trimEnd()],
  ["English", `${"Please check the roof. ".repeat(4)}\n`.repeat(42).trimEnd()],
])("a long goal in %s that is offered under a mention becomes a run as it was written", async (_, goal) => {
  const here = await aDiscordPlane();
  planes.push(here);
  const ada = here.somebody("ada");
  ada.say(here.home, goal);
  const offer = await eventually(() => {
    const found = here.discord.world.messagesIn(here.home).find((message) => controlsOf(message).length > 0);
    if (found === undefined) throw new Error("no offer");
    return found;
  });
  await ada.click(offer, controlsOf(offer)[0] ?? "");
  await eventually(async () => {
    const { runs } = await here.plane().agent.runs({ limit: 5, offset: 0 });
    expect(runs.map((run) => run.goal)).toEqual([goal]);
  });
  expect(textOf(offer)).toContain(goal.slice(0, 40));
});
