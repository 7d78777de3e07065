import { beforeAll, describe, expect, test } from "vitest";
import { Macro } from "../../../src/contracts/macro.ts";
import type { MetaTask } from "../../../src/contracts/task.ts";
import { translatorFor } from "../../../src/i18n.ts";
import type { Catalog } from "../../../src/spine/step.ts";
import { answer, openCard, shippedCatalog, walk } from "../../fakes/spine-walk.ts";

let catalog: Catalog;
beforeAll(async () => {
  catalog = await shippedCatalog();
});

const walked = (task: Partial<MetaTask>, among: Catalog = catalog) => walk({ catalog: among, task });

function refusalOf(task: Partial<MetaTask>, among: Catalog = catalog): string {
  const { status } = walked(task, among);
  return status.kind === "refused" ? translatorFor("en").say(status.reason) : `not refused: ${status.kind}`;
}

describe("a goal is matched by its words", () => {
  test.each([
    ["check the health of this repository"],
    ["Please run a HEALTH-CHECK on my code!"],
    ["检查这个仓库的健康状况"],
    ["请做一次 健康 检查"],
  ])("%s", (goal) => {
    const run = walked({ goal });
    expect(run.packets.taskClassification).toMatchObject({ type: "C", macroId: "repository-health" });
    expect(run.packets.taskClassification?.triggerReasons[0]).toContain("the goal says");
    expect(openCard(run).kind).toBe("execution_confirmation");
  });

  test("a macro that is named wins over the words", () => {
    const run = walked({ goal: "see how things are", macro: "repository-health" });
    expect(run.packets.taskClassification?.macroId).toBe("repository-health");
  });
});

describe("what cannot be done is refused, with what is possible", () => {
  test.each([
    ["run an agent audit for us", "analysis of agents"],
    ["create an agent that writes tests", "creating or splitting an agent"],
    ["please review this proposal", "a review of a proposal"],
    ["design a card deck for the week", "rhythm of work"],
    ["拆分 agent", "creating or splitting an agent"],
  ])("%s", (goal, words) => {
    const refusal = refusalOf({ goal });
    expect(refusal).toContain(words);
    expect(refusal).toContain("repository-health");
  });

  test("a question about runs names the commands that answer it", () => {
    expect(refusalOf({ goal: "Where is it now?" })).toMatch(/“status”.*“queue”/);
    expect(refusalOf({ goal: "跑到哪了" })).toContain("“status”");
  });

  test("a free question is not answered as something else", () => {
    expect(refusalOf({ goal: "why is the sky blue?" })).toContain("free questions cannot be answered yet");
  });

  test("an unknown macro is named, with those that there are", () => {
    expect(refusalOf({ goal: "x", macro: "paint-it" })).toMatch(/paint-it.*repository-health/);
  });

  test("a macro of a type that is not built does not run as another type", () => {
    const macros = catalog.macros.map((macro) => ({ ...macro, type: "D" as const }));
    expect(refusalOf({ goal: "health check" }, { ...catalog, macros })).toContain("a review of");
  });

  test("research that nothing here can do", () => {
    expect(refusalOf({ goal: "health check, and search the web for best practices" })).toContain("search the web");
  });

  test("wrong and unknown arguments, each by name", () => {
    const refusal = refusalOf({ goal: "health check", args: { history_days: 1, colour: "red" } });
    expect(refusal).toContain("2 values do not fit");
    expect(refusal).toContain("colour");
  });

  test("an argument that looks like a secret, without repeating it", () => {
    const token = `ghp_${"a1".repeat(18)}`;
    const refusal = refusalOf({ goal: "health check", args: { note: token } });
    expect(refusal).toContain("note");
    expect(refusal).not.toContain(token);
  });
});

describe("a goal that names no procedure is never forced into one", () => {
  test("one blocking question is put, with a way out", () => {
    const run = walked({ goal: "fix the flaky login test" });
    const card = openCard(run);
    expect(card.kind).toBe("clarification");
    expect(run.stage).toBe("critical");
    expect(run.packets.intentGatePacket?.clarity).toBe("blocked");
    const offered = card.questions[0]?.options.map((option) => [option.id, option.recommended]);
    expect(offered?.at(-1)).toEqual(["stop", true]);
    expect(offered?.slice(0, -1).every(([, recommended]) => recommended === false)).toBe(true);
  });

  test("the answer settles it", () => {
    const asked = walked({ goal: "check the health of this repository and fix it" });
    const taken = walk({ catalog }, answer(asked, { procedure: "repository-health" }));
    expect(taken.packets.taskClassification?.macroId).toBe("repository-health");
    expect(openCard(taken).kind).toBe("execution_confirmation");
    expect(openCard(taken).decisionId).toBe("dec_aaaaaaaa_2");

    const stopped = walk({ catalog }, answer(asked, { procedure: "stop" }));
    expect(stopped.status.kind).toBe("refused");
  });

  test("a health check that is also to mend things is asked about, since it only reports", () => {
    expect(openCard(walked({ goal: "check the health of this repository and fix it" })).kind).toBe("clarification");
    expect(openCard(walked({ goal: "health check: tell me what to fix" })).kind).toBe("execution_confirmation");
  });

  test("two procedures that are both named are put to choice", () => {
    const health = catalog.macros.find((macro) => macro.id === "repository-health");
    const second = Macro.parse({
      ...health,
      id: "licences",
      triggers: { phrases: ["licence overview"] },
      questions: [],
    });
    const among = { ...catalog, macros: [...catalog.macros, second] };
    const card = openCard(walked({ goal: "a health check and a licence overview" }, among));
    expect(card.questions[0]?.options.map((option) => option.id)).toEqual(
      expect.arrayContaining(["licences", "repository-health", "stop"]),
    );
  });
});

describe("what else the words say", () => {
  test.each([["read-only"], ["analysis only"], ["仅分析"], ["只读"]])("%s forbids changes, not dispatch", (words) => {
    const run = walked({ goal: `${words}: repository health` });
    expect(run.packets.taskClassification?.readOnlyRequested).toBe(true);
    const outcome = openCard(run).questions.find((question) => question.id === "outcome");
    expect(outcome?.options.find((option) => option.id === "report_in_workspace")?.rejectedBecause).toBeDefined();
  });

  test("words of risk raise the risk, and the path never falls", () => {
    const macros = catalog.macros.map((macro) => ({ ...macro, path: "standard_path" as const }));
    const calm = walked({ goal: "health check" }, { ...catalog, macros: macros.map(withoutWrites) });
    const risky = walked(
      { goal: "health check before the release" },
      { ...catalog, macros: macros.map(withoutWrites) },
    );
    expect(calm.path).toBe("standard_path");
    expect(risky.path).toBe("regulated_path");
    expect(risky.packets.taskClassification).toMatchObject({ risk: "high" });
    expect(risky.packets.taskClassification?.triggerReasons.join()).toContain("release");
  });

  test("agents and their governance are told apart from the project", () => {
    expect(walked({ goal: "health check" }).packets.taskClassification?.architecture).toBe("project");
    expect(walked({ goal: "health check of our agent governance" }).packets.taskClassification?.architecture).toBe(
      "meta",
    );
  });

  test("the preflight packet is there, also for a refusal", () => {
    expect(walked({ goal: "health check" }).packets.preflightPacket).toMatchObject({
      mode: "attended",
      readScope: ["/workspace"],
      blockedReason: null,
    });
    expect(walked({ goal: "card deck" }).packets.preflightPacket?.blockedReason).toBe("refused");
  });
});

function withoutWrites(macro: Macro): Macro {
  return { ...macro, lanes: macro.lanes.map((lane) => ({ ...lane, writes: [] })) };
}
