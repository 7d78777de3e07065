import { expect, test } from "vitest";
import { choiceLines } from "../../src/cards/outcome-words.ts";
import { Command, type CommandInput } from "../../src/contracts/command.ts";
import type { Actor } from "../../src/contracts/id.ts";
import { translatorFor } from "../../src/i18n.ts";
import { createFakeSurface } from "../fakes/fake-surface.ts";
import type { aControlPlane } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, started } from "../fixtures/planes.ts";

const ADA: Actor = { surface: "terminal", user: "ada" };
const OLGA: Actor = { surface: "terminal", user: "olga", displayName: "Olga" };

async function asked(parts: Parameters<typeof aControlPlane>[0] = {}) {
  const here = await aPlane(parts);
  const runId = await started(here, { bindings: [{ surface: "fake", channel: "c1", role: "home" }] });
  const decision = await eventually(async () => {
    const card = (await here.agent.run(runId))?.decision ?? null;
    if (card === null) throw new Error("not asked yet");
    return card;
  });
  const { decisionId } = decision;
  const select = (id: string, answers: Record<string, string>, by = ADA) =>
    here.agent.handle(Command.parse({ kind: "decision.select", id, by, runId, decisionId, answers }));
  const answer = (id: string, answers: Extract<CommandInput, { kind: "decision.answer" }>["answers"], by = ADA) =>
    here.agent.handle(Command.parse({ kind: "decision.answer", id, by, runId, decisionId, answers }));
  return { here, runId, decision, select, answer };
}

/** An option of the question that may be chosen and is not recommended. */
function anotherOption({
  options,
}: {
  options: readonly { id: string; recommended: boolean; rejectedBecause: string | null }[];
}) {
  const option = options.find(({ recommended, rejectedBecause }) => !recommended && rejectedBecause === null);
  if (option === undefined) throw new Error("fixture");
  return option.id;
}

test("a selection is stored at once, shown on the card everywhere, and decides nothing", async () => {
  const surface = createFakeSurface("fake");
  const { here, runId, decision, select } = await asked({ surfaces: [surface] });
  const [question] = decision.questions;
  if (question === undefined) throw new Error("fixture");
  const option = anotherOption(question);
  expect(await select("s1", { [question.id]: option })).toMatchObject({ kind: "accepted" });
  const view = await here.agent.run(runId);
  expect(view?.summary.status).toBe("waiting");
  expect(view?.decision?.questions.map(({ drafted }) => drafted)).toContain(option);
  await eventually(() => {
    const cards = surface.messages.flatMap((message) => message.cards).filter((card) => card.kind === "decision");
    expect(cards.at(-1)?.questions[0]?.drafted).toBe(option);
  });
});

test("confirming means what was selected, and survives a restart in between", async () => {
  const { here, runId, decision, select } = await asked();
  const [question] = decision.questions;
  if (question === undefined) throw new Error("fixture");
  const option = anotherOption(question);
  await select("s1", { [question.id]: option });
  const again = await here.restart();
  const { decisionId } = decision;
  const reply = await again.agent.handle({
    kind: "decision.answer",
    id: "a1",
    by: ADA,
    runId,
    decisionId,
    answers: "drafted",
    args: {},
  });
  expect(reply.kind).toBe("accepted");
  const answered = (await again.agent.document(runId))?.run.decisions[0];
  expect(answered?.status === "answered" ? answered.answers[question.id] : undefined).toBe(option);
});

test("confirming right behind a selection means that selection, though it is just being saved", async () => {
  const { here, runId, decision, select, answer } = await asked();
  const [question] = decision.questions;
  if (question === undefined) throw new Error("fixture");
  const option = anotherOption(question);
  const replies = await Promise.all([select("s1", { [question.id]: option }), answer("a1", "drafted")]);
  expect(replies.map(({ kind }) => kind)).toEqual(["accepted", "accepted"]);
  const answered = (await here.agent.document(runId))?.run.decisions[0];
  expect(answered?.status === "answered" ? answered.answers[question.id] : undefined).toBe(option);
});

test("the same selection delivered twice is stored once, and the audit trail says who selected", async () => {
  const { here, runId, decision, select } = await asked();
  const [question] = decision.questions;
  if (question === undefined) throw new Error("fixture");
  const answers = { [question.id]: anotherOption(question) };
  await select("s1", answers, OLGA);
  expect(await select("s1", answers, OLGA)).toMatchObject({ kind: "already" });
  const history = (await here.agent.document(runId))?.history ?? [];
  const selections = history.filter(({ event }) => event === "decision.selected");
  expect(selections).toHaveLength(1);
  expect(selections[0]?.by).toEqual(OLGA);
});

test("a selection after the answer is told who has decided, and changes nothing", async () => {
  const { here, runId, decision, select, answer } = await asked();
  await answer("a1", "recommended", OLGA);
  const before = (await here.agent.document(runId))?.run.decisions[0];
  const reply = await select("s1", { [decision.questions[0]?.id ?? ""]: "full" });
  expect(reply).toMatchObject({ kind: "already", message: expect.stringContaining("Olga") });
  expect((await here.agent.document(runId))?.run.decisions[0]).toEqual(before);
});

test("who may not answer may not select either", async () => {
  const { decision, select } = await asked({
    rolesOf: ({ user }) => new Set(user === "ada" ? ["requester", "approver"] : []),
  });
  const [question] = decision.questions;
  if (question === undefined) throw new Error("fixture");
  const reply = await select("s1", { [question.id]: anotherOption(question) }, OLGA);
  expect(reply).toMatchObject({ kind: "refused", code: "auth.not_allowed" });
});

test.each([
  [true, "standing_instruction", "as ada had said in advance"],
  [undefined, "person", "ada"],
] as const)("an answer that was given in advance (%s) is kept as %s", async (inAdvance, how, said) => {
  const { here, runId, decision } = await asked();
  const { decisionId } = decision;
  const command = { kind: "decision.answer", id: "a1", by: ADA, runId, decisionId, answers: "recommended" };
  expect(await here.agent.handle(Command.parse({ ...command, inAdvance }))).toMatchObject({ kind: "accepted" });
  const kept = (await here.agent.document(runId))?.run;
  expect(kept?.decisions.find((known) => known.decisionId === decisionId)).toMatchObject({ status: "answered", how });
  expect(kept === undefined ? [] : choiceLines(kept, translatorFor("en"))[0]).toContain(said);
});
