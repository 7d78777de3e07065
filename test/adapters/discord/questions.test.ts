import { InteractionResponseType } from "discord-api-types/v10";
import { afterEach, describe, expect, test } from "vitest";
import { readCustomId } from "../../../adapters/discord/custom-id.ts";
import { Macro } from "../../../src/contracts/macro.ts";
import { answerText, controlIn, controlsOf, textOf, type Somebody } from "../../fakes/discord/people.ts";
import type { StoredMessage } from "../../fakes/discord/world.ts";
import { FAKE_CATALOG, FAKE_MACRO } from "../../fixtures/control-plane.ts";
import { aDiscordPlane, type DiscordPlane } from "../../fixtures/discord.ts";
import { eventually } from "../../fixtures/eventually.ts";

const planes: DiscordPlane[] = [];
afterEach(async () => {
  for (const here of planes.splice(0)) {
    await here.close();
    expect(here.discord.state.violations).toEqual([]);
  }
});

async function asked(...given: Parameters<typeof aDiscordPlane>) {
  const here = await aDiscordPlane(...given);
  planes.push(here);
  const ada = here.somebody("ada");
  const runId = await here.ask(ada);
  const [thread = ""] = here.discord.world.threads.keys();
  const status = async (): Promise<string | undefined> => (await here.plane().agent.run(runId))?.summary.status;
  const shown = (): StoredMessage[] => here.discord.world.messagesIn(thread);
  return { here, ada, runId, thread, shown, status };
}

const text = (en: string) => ({ en, "zh-CN": `${en}（中）` });
const FIELDS = Object.fromEntries(
  ["changes", "solves", "result", "advantages", "disadvantages"].map((field) => [field, text(field)]),
);
const option = (id: string, days: number) => ({
  id,
  label: text(`Option ${id}`),
  ...FIELDS,
  effect: { setArgs: { days } },
});
/** A question that is asked only after "far" was chosen, and one after that. */
const LINEAR = Macro.parse({
  ...FAKE_MACRO,
  args: { ...FAKE_MACRO.args, days: { type: "integer", title: text("Days"), default: 1, min: 1, max: 99 } },
  questions: [
    {
      id: "reach",
      title: text("How far back?"),
      options: [{ ...option("near", 7), recommendWhen: {} }, option("middle", 30), option("far", 90)],
    },
    {
      id: "detail",
      title: text("In which detail?"),
      after: { question: "reach", options: ["far"] },
      options: [{ ...option("coarse", 91), recommendWhen: {} }, option("fine", 92), option("finest", 93)],
    },
    {
      id: "order",
      title: text("In which order?"),
      after: { question: "detail", options: ["fine", "finest"] },
      options: [{ ...option("oldest", 94), recommendWhen: {} }, option("newest", 95), option("random", 96)],
    },
  ],
});

/** The numbers of the questions that a message asks. */
function asks(message: StoredMessage): number[] {
  return controlsOf(message).flatMap((id) => {
    const control = readCustomId(id);
    return control.kind === "action" && control.button.action === "decision.select" ? [control.button.question] : [];
  });
}

describe("a question that is asked only after another", () => {
  test("appears with the answer to the select of the one before, goes with it, and counts when it is confirmed", async () => {
    const { here, ada, runId, shown, status } = await asked({ catalog: { ...FAKE_CATALOG, macros: [LINEAR] } });
    const questions = (await here.plane().agent.run(runId))?.decision?.questions ?? [];
    const numberOf = (id: string): number => questions.find((question) => question.id === id)?.number ?? 0;
    const [reach, detail, order] = [numberOf("reach"), numberOf("detail"), numberOf("order")];
    const { message } = controlIn(shown(), "decision.submit");
    const edits = (): number =>
      here.discord.calls.filter(({ method, path }) => method === "PATCH" && path.endsWith(message.id)).length;
    const select = async (question: number, value: string): Promise<void> => {
      const { id } = controlIn(shown(), "decision.select", question);
      const began = await ada.select(message, id, [value]);
      expect(began.response?.type).toBe(InteractionResponseType.UpdateMessage);
    };
    expect(asks(message)).toContain(reach);
    expect(asks(message)).not.toContain(detail);
    expect(textOf(message)).not.toContain("In which detail?");

    await select(reach, "far");
    expect(asks(message)).toContain(detail);
    expect(asks(message)).not.toContain(order);
    await select(detail, "fine");
    expect(asks(message)).toContain(order);
    expect(textOf(message)).toContain("In which order?");
    // With the question before it, what comes after goes as well.
    await select(reach, "near");
    expect(asks(message)).not.toContain(detail);
    expect(asks(message)).not.toContain(order);
    await select(reach, "far");
    await select(detail, "finest");
    await select(order, "random");
    // All of it was drawn by the answers to the selects.
    expect(edits()).toBe(0);

    await ada.click(message, controlIn(shown(), "decision.submit").id);
    await eventually(async () => {
      const decision = (await here.plane().agent.document(runId))?.run.decisions[0];
      expect(decision?.status === "answered" ? decision.answers : {}).toMatchObject({
        reach: "far",
        detail: "finest",
        order: "random",
      });
    });
    await eventually(async () => expect(await status()).toBe("completed"));
    expect(here.plane().runtime.orders[0]?.brief.args["days"]).toBe(96);
  });

  test("is not answered on a page of details that was opened while it was asked", async () => {
    const { here, ada, runId, shown } = await asked({ catalog: { ...FAKE_CATALOG, macros: [LINEAR] } });
    const question = async (id: string) =>
      (await here.plane().agent.run(runId))?.decision?.questions.find((known) => known.id === id);
    const select = async (id: string, value: string): Promise<void> => {
      const control = controlIn(shown(), "decision.select", (await question(id))?.number);
      await ada.select(control.message, control.id, [value]);
    };
    await select("reach", "far");
    const details = controlIn(shown(), "decision.details", (await question("detail"))?.number);
    const page = await ada.click(details.message, details.id);
    await select("reach", "near");
    const chooses = controlsOf(page.original as StoredMessage).at(-1) ?? "";
    const late = await ada.click(page.original as StoredMessage, chooses);
    await eventually(() => expect(answerText(late)).not.toBe(""));
    expect(await question("detail")).toMatchObject({ drafted: null });
  });
});

describe("stopping a run", () => {
  /** What somebody is asked before it is done. */
  async function asksTwice(who: Somebody, { message, id }: ReturnType<typeof controlIn>) {
    const first = await who.click(message, id);
    const [sure = "", ...others] = controlsOf(first.original as StoredMessage);
    expect(others).toEqual([]);
    return { first, sure };
  }

  test("the first click only asks, in words for the one who clicked, and details still open in between", async () => {
    const { here, ada, thread, shown, status } = await asked();
    const { first, sure } = await asksTwice(ada, controlIn(shown(), "run.cancel"));
    expect(answerText(first)).toContain("Stop this run?");
    expect(first.original?.channel).not.toBe(thread);
    expect(await status()).toBe("waiting");

    const details = controlIn(shown(), "decision.details", 1);
    const page = await ada.click(details.message, details.id);
    expect(controlsOf(page.original as StoredMessage).length).toBeGreaterThan(1);
    expect(await status()).toBe("waiting");
    expect(here.plane().runtime.orders).toEqual([]);

    const second = await ada.click(first.original as StoredMessage, sure);
    expect(await status()).toBe("canceled");
    expect(answerText(second)).toContain("Saved.");
    expect(controlsOf(first.original as StoredMessage)).toEqual([]);
    await eventually(() => expect(shown().flatMap(controlsOf)).toEqual([]));
  });

  test("a first click that is repeated asks again, and stops nothing", async () => {
    const { ada, shown, status } = await asked();
    const cancel = controlIn(shown(), "run.cancel");
    for (const _ of [1, 2, 3]) await asksTwice(ada, cancel);
    expect(await status()).toBe("waiting");
  });

  test("asked before the question is answered, and meant after it, it stops the work", async () => {
    const { here, ada, shown, status } = await asked();
    const working = Promise.withResolvers<void>();
    here.plane().runtime.script("roof", (_, signal) => {
      working.resolve();
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("ended")));
      });
    });
    const { first, sure } = await asksTwice(ada, controlIn(shown(), "run.cancel"));
    const answer = controlIn(shown(), "decision.recommended");
    await ada.click(answer.message, answer.id);
    await working.promise;
    await ada.click(first.original as StoredMessage, sure);
    await eventually(async () => expect(await status()).toBe("canceled"));
  });
});
