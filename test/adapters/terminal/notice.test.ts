import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { createLiveNotice } from "../../../adapters/terminal/live-notice.ts";
import { renderNotice } from "../../../adapters/terminal/render-notice.ts";
import { movesCursor, wantsColor } from "../../../adapters/terminal/terminal-style.ts";
import { widthOf } from "../../../adapters/terminal/text-width.ts";
import { cardOf } from "../../../src/cards/cards-of.ts";
import type { NoticeCard } from "../../../src/contracts/card.ts";
import type { Run } from "../../../src/contracts/run.ts";
import { raw } from "../../../src/contracts/text.ts";
import { SHIPPED_LANGUAGES, translatorFor } from "../../../src/i18n.ts";
import { createTerminalUi } from "../../../adapters/terminal/terminal-ui.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";
import { createFakeTerminal } from "../../fakes/fake-terminal.ts";
import { RUNS } from "../../fixtures/runs.ts";

function noticeOf(run: Run, language = "en"): NoticeCard {
  const card = cardOf(run, "notice", translatorFor(language));
  if (card?.kind !== "notice") throw new Error("fixture");
  return card;
}
const ESC = "\u001b";

describe("the notice as lines", () => {
  const sizes = [30, 50, 80, 120];
  const cases = Object.entries(RUNS).flatMap(([name, run]) =>
    SHIPPED_LANGUAGES.flatMap((language) => sizes.map((columns) => ({ name, run, language, columns }))),
  );
  test.each(cases)("$name $language fits $columns columns and sixteen lines", ({ run, language, columns }) => {
    const lines = renderNotice(noticeOf(run, language), new Map(), { color: false, columns });
    expect(lines.length).toBeLessThanOrEqual(16);
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  });

  test("twenty workers fit too: what presses is shown, the rest is counted", () => {
    const card = noticeOf(RUNS.executing);
    const [worker] = card.workers;
    if (worker === undefined) throw new Error("fixture");
    const many = Array.from({ length: 20 }, (_, n) => ({ ...worker, laneId: `l${n}`, name: `Part ${n}` }));
    const workers = [...many, { ...worker, laneId: "bad", name: "Broken", state: "failed" as const }];
    const lines = renderNotice({ ...card, workers }, new Map(), { color: false, columns: 80 });
    expect(lines.length).toBeLessThanOrEqual(16);
    expect(lines.join("\n")).toContain("✖ Broken");
    expect(lines.at(-1)).toContain("and 15 more");
  });

  test("a running worker shows how far it is, and only a running one", () => {
    const progress = new Map([
      ["tests", { done: 12, total: 40, text: raw("unit\u001b[2J tests") }],
      ["history", { done: 1, total: 2, text: null }],
    ]);
    const text = renderNotice(noticeOf(RUNS.executing), progress, { color: false, columns: 80 }).join("\n");
    expect(text).toMatch(/▶ Tests \(test\) +working +12\/40 {2}unit tests/);
    expect(text).not.toContain("1/2");
  });

  test("colour is only added: without it the same words are there", () => {
    const card = noticeOf(RUNS.executing);
    const plain = renderNotice(card, new Map(), { color: false, columns: 80 }).join("\n");
    const coloured = renderNotice(card, new Map(), { color: true, columns: 80 }).join("\n");
    expect(plain).not.toContain(ESC);
    expect(coloured).toContain(ESC);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });
});

describe("the live notice", () => {
  test("is edited in place on a terminal", () => {
    const terminal = createFakeTerminal();
    const notice = createLiveNotice({ stream: terminal.output, clock: createFakeClock(), color: false, inPlace: true });
    notice.show(noticeOf(RUNS.fetching));
    notice.show(noticeOf(RUNS.executing));
    expect(terminal.raw()).toContain(`${ESC}[2K`);
    notice.pause();
    expect(terminal.text()).toContain("Execution (4/8, 50%)");
    const before = terminal.raw();
    notice.pause();
    expect(terminal.raw()).toBe(before);
  });

  test("draws fast progress once, not a thousand times", () => {
    const terminal = createFakeTerminal();
    const clock = createFakeClock();
    const notice = createLiveNotice({ stream: terminal.output, clock, color: false, inPlace: true });
    notice.show(noticeOf(RUNS.executing));
    const before = terminal.raw().length;
    for (let done = 1; done <= 1000; done += 1) notice.progress("tests", { done, total: 1000, text: null });
    expect(terminal.raw()).toHaveLength(before);
    clock.advance(100);
    expect(terminal.raw().slice(before)).toContain("1,000/1,000");
    expect(terminal.raw().slice(before)).not.toContain("999/");
  });

  test("elsewhere prints a line on change, and nothing twice", () => {
    const terminal = createFakeTerminal({ isTTY: false });
    const notice = createLiveNotice({
      stream: terminal.output,
      clock: createFakeClock(),
      color: false,
      inPlace: false,
    });
    notice.show(noticeOf(RUNS.fetching));
    notice.show(noticeOf(RUNS.fetching));
    notice.show(noticeOf(RUNS.executing));
    notice.progress("tests", { done: 1, total: 2, text: null });
    notice.show(noticeOf(RUNS.executing));
    notice.show(noticeOf(RUNS.deadLetter));
    notice.pause();
    expect(terminal.raw()).not.toContain(ESC);
    expect(terminal.text().trim().split("\n")).toEqual([
      "Coxswain: check the health of this repository – in repository",
      "Active: Fetch (2/8, 25%) · Now: Looking at the workspace and finding out who can do the work",
      "Active: Execution (4/8, 50%) · Now: 1 of 3 parts of the work are done, each in its own copy of the workspace",
      "  - History (data) – done: 1.2 sec, 2 findings",
      "  - Tests (test) – working: attempt 2",
      "Active: no, it ended in Execution (4/8, 50%) · Now: Stopped after a failure; an operator decides how to go on · Blocked by: a failure: the program ended with exit code 3",
      "  - Tests (test) – failed: the program ended with exit code 3",
    ]);
  });

  test("elsewhere says of a run that waits in the queue why, and of none what comes next", () => {
    const terminal = createFakeTerminal({ isTTY: false });
    const notice = createLiveNotice({
      stream: terminal.output,
      clock: createFakeClock(),
      color: false,
      inPlace: false,
    });
    const { lines, ...card } = noticeOf(RUNS.fetching);
    const queued = { key: "queued", label: "Waiting", value: "next in the queue" } as const;
    notice.show({ ...card, lines: [...lines.slice(0, 3), queued, ...lines.slice(3)] });
    expect(terminal.text().trim().split("\n")[1]).toBe(
      "Active: Fetch (2/8, 25%) · Now: Looking at the workspace and finding out who can do the work · Waiting: next in the queue",
    );
  });
});

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { NO_COLOR: "" }, true],
  [{ isTTY: true }, { NO_COLOR: "1" }, false],
  [{ isTTY: true }, { TERM: "dumb" }, false],
  [{ isTTY: false }, {}, false],
  [{}, {}, false],
])("colour on %j with %j: %s", (stream, env, expected) => {
  expect(wantsColor(stream, env)).toBe(expected);
});

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { TERM: "dumb" }, false],
  [{ isTTY: true }, { TERM: "xterm", NO_COLOR: "1" }, true],
  [{}, { TERM: "xterm" }, false],
])("on %j with %j lines are drawn anew: %s", (stream, env, expected) => {
  expect(movesCursor(stream, env)).toBe(expected);
});

test("a terminal that moves no cursor gets lines without escapes", () => {
  const screen = createFakeTerminal();
  const terminal = createTerminalUi({ ...screen, color: false, inPlace: false }, createFakeClock());
  const notice = terminal.openNotice();
  notice.update(noticeOf(RUNS.executing));
  notice.update(noticeOf(RUNS.completed));
  notice.end();
  expect(screen.raw()).toContain("Execution");
  expect(screen.raw()).not.toContain(ESC);
});

test("a terminal that was never told its size is taken for one of the usual size", () => {
  const screen = createFakeTerminal({ columns: 0, rows: 0 });
  const terminal = createTerminalUi({ ...screen, color: false, inPlace: true }, createFakeClock());
  const notice = terminal.openNotice();
  notice.update(noticeOf(RUNS.executing));
  notice.end();
  expect(screen.text().split("\n").length).toBeLessThanOrEqual(20);
  expect(screen.text()).toContain("Execution (4/8, 50%)");
});
