import { GatewayDispatchEvents, InteractionResponseType, MessageFlags } from "discord-api-types/v10";
import { afterEach, describe, expect, test, vi, type MockInstance } from "vitest";
import type { ButtonAction } from "../../../src/commands/token.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import { answerText, controlIn, controlsOf, textOf, type Somebody } from "../../fakes/discord/people.ts";
import type { StoredMessage } from "../../fakes/discord/world.ts";
import { aDiscordPlane, type DiscordPlane } from "../../fixtures/discord.ts";
import { eventually } from "../../fixtures/eventually.ts";

const planes: DiscordPlane[] = [];
afterEach(async () => {
  for (const here of planes.splice(0)) {
    await here.close();
    expect(here.discord.state.violations).toEqual([]);
  }
});

async function plane(...given: Parameters<typeof aDiscordPlane>): Promise<DiscordPlane> {
  const here = await aDiscordPlane(...given);
  planes.push(here);
  return here;
}

interface Asked {
  readonly here: DiscordPlane;
  readonly ada: Somebody;
  readonly runId: RunId;
  /** A control of the run's open card: its message, and its id. */
  readonly control: (action: ButtonAction["action"], question?: number) => { message: StoredMessage; id: string };
  readonly decision: () => Promise<
    NonNullable<Awaited<ReturnType<ReturnType<DiscordPlane["plane"]>["agent"]["run"]>>>["decision"]
  >;
}

async function asked(...given: Parameters<typeof aDiscordPlane>): Promise<Asked> {
  const here = await plane(...given);
  const ada = here.somebody("ada");
  const runId = await here.ask(ada);
  const thread = [...here.discord.world.threads.keys()].at(-1) ?? "";
  return {
    here,
    ada,
    runId,
    control: (action, question) => controlIn(here.discord.world.messagesIn(thread), action, question),
    decision: async () => (await here.plane().agent.run(runId))?.decision ?? null,
  };
}

function repliesTo(body: Readonly<Record<string, unknown>>, message: string): boolean {
  const reference = body["message_reference"] as { message_id?: string } | undefined;
  return reference?.message_id === message;
}

/** Nothing that is asked for is saved until the door is opened. */
function heldDoor(here: DiscordPlane): { door: MockInstance; open: () => void } {
  const { agent } = here.plane();
  const opened = Promise.withResolvers<void>();
  const handle = agent.handle.bind(agent);
  const door = vi.spyOn(agent, "handle").mockImplementation(async (command) => {
    await opened.promise;
    return handle(command);
  });
  return { door, open: opened.resolve };
}

const completed = (here: DiscordPlane, runId: RunId) =>
  eventually(async () => expect((await here.plane().agent.run(runId))?.summary.status).toBe("completed"));
const ephemeral = (message: StoredMessage | undefined): boolean =>
  (Number(message?.body["flags"] ?? 0) & MessageFlags.Ephemeral) !== 0;

describe("what people do in Discord", () => {
  test("a selection is stored at once and redrawn as the answer to it; Confirm means it", async () => {
    const { here, ada, runId, control, decision } = await asked();
    const card = await decision();
    const question = card?.questions[0];
    const option = question?.options.find(
      ({ id, rejectedBecause }) => id !== question.drafted && rejectedBecause === null,
    );
    if (question === undefined || option === undefined) throw new Error("fixture");
    const edits = here.discord.calls.filter(
      ({ method, path }) => method === "PATCH" && path.startsWith("/channels/"),
    ).length;
    const { message, id } = control("decision.select", 1);
    const chosen = await ada.select(message, id, [option.id]);
    expect(chosen.response?.type).toBe(InteractionResponseType.UpdateMessage);
    expect((await decision())?.questions[0]?.drafted).toBe(option.id);
    expect(textOf(message)).toContain(`${option.letter}. ${option.label}`);
    const submit = control("decision.submit");
    await ada.click(submit.message, submit.id);
    await eventually(async () => {
      const document = await here.plane().agent.document(runId);
      const answered = document?.run.decisions[0];
      expect(answered?.status === "answered" ? answered.answers[question.id] : undefined).toBe(option.id);
      expect(document?.outbox).toEqual([]);
    });
    // Both were drawn by the answers; the card's own delivery found them there. The context is redrawn once.
    const after = here.discord.calls.filter(
      ({ method, path, body }) =>
        method === "PATCH" && path.startsWith("/channels/") && JSON.stringify(body).includes("decision"),
    ).length;
    expect(after).toBeLessThanOrEqual(edits + 1);
  });

  test("who confirms right behind a selection confirms that selection", async () => {
    const { here, ada, runId, control, decision } = await asked();
    const question = (await decision())?.questions[0];
    const other = question?.options.find(
      ({ id, rejectedBecause }) => id !== question.drafted && rejectedBecause === null,
    );
    if (question === undefined || other === undefined) throw new Error("fixture");
    const [select, confirm] = [control("decision.select", question.number), control("decision.submit")];
    await Promise.all([ada.select(select.message, select.id, [other.id]), ada.click(confirm.message, confirm.id)]);
    const answered = (await here.plane().agent.document(runId))?.run.decisions[0];
    expect(answered?.status === "answered" ? answered.answers[question.id] : undefined).toBe(other.id);
  });

  test("an option that cannot be chosen is refused with its reason, and the select shows what stands", async () => {
    const { ada, control, decision } = await asked();
    const card = await decision();
    const question = card?.questions.find(({ options }) =>
      options.some(({ rejectedBecause }) => rejectedBecause !== null),
    );
    const option = question?.options.find(({ rejectedBecause }) => rejectedBecause !== null);
    if (question === undefined || option === undefined) throw new Error("no rejected option in the fixture");
    const { message, id } = control("decision.select", question.number);
    const refused = await ada.select(message, id, [option.id]);
    expect(refused.response?.type).toBe(InteractionResponseType.UpdateMessage);
    await eventually(() => expect(refused.followUps).toHaveLength(1));
    expect(textOf(refused.followUps[0] as StoredMessage)).toContain(option.rejectedBecause);
    expect((await decision())?.questions[question.number - 1]?.drafted).toBe(question.drafted);
  });

  test("after a restart, too, the select shows what stands where a selection was refused", async () => {
    const { here, ada, control, decision, runId } = await asked();
    await eventually(async () => expect((await here.plane().agent.document(runId))?.outbox).toEqual([]));
    await here.restart();
    const question = (await decision())?.questions.find(({ options }) =>
      options.some(({ rejectedBecause }) => rejectedBecause !== null),
    );
    const option = question?.options.find(({ rejectedBecause }) => rejectedBecause !== null);
    if (question === undefined || option === undefined) throw new Error("fixture");
    const { message, id } = control("decision.select", question.number);
    const refused = await ada.select(message, id, [option.id]);
    expect(refused.response?.type).toBe(InteractionResponseType.UpdateMessage);
    expect(controlsOf(message)).toContain(id);
    await eventually(() => expect(refused.followUps).toHaveLength(1));
  });

  test("a form undoes nothing that somebody else changed since it was opened", async () => {
    const { here, ada, control, decision } = await asked();
    const bob = here.somebody("bob");
    const { message, id } = control("decision.arguments");
    const [adas, bobs] = [await ada.click(message, id), await bob.click(message, id)];
    await bob.submit(bobs, { areas: ["roof"] });
    expect((await decision())?.args[0]?.value).toEqual(["roof"]);
    await ada.submit(adas, { areas: ["roof", "cellar", "summary"] });
    expect((await decision())?.args[0]?.value).toEqual(["roof"]);
    await ada.submit(adas, { areas: ["cellar"] });
    expect((await decision())?.args[0]?.value).toEqual(["cellar"]);
  });

  test("an option is chosen on its page of details", async () => {
    const { ada, control, decision } = await asked();
    const { message, id } = control("decision.details", 1);
    const page = await ada.click(message, id);
    expect(ephemeral(page.original)).toBe(true);
    const [, second] = controlsOf(page.original as StoredMessage).filter((control) => control.includes(".opt."));
    await ada.click(page.original as StoredMessage, second ?? "");
    const card = await decision();
    expect(card?.questions[0]?.drafted).toBe(card?.questions[0]?.options[Number(second?.split(".").at(-1)) - 1]?.id);
  });

  test("values are changed in a form, stored, and refused with the reason where they do not fit", async () => {
    const { here, ada, control, decision, runId } = await asked();
    const { message, id } = control("decision.arguments");
    const form = await ada.click(message, id);
    expect(form.response?.type).toBe(InteractionResponseType.Modal);
    const done = await ada.submit(form, { areas: ["roof", "cellar"] });
    expect(done.response?.type).toBe(InteractionResponseType.UpdateMessage);
    expect((await decision())?.args.find((argument) => argument.id === "areas")?.value).toEqual(["roof", "cellar"]);
    const again = await ada.click(message, id);
    // Phones remember what was typed by the form's id.
    expect(JSON.stringify(again.response)).not.toBe(JSON.stringify(form.response));
    const refused = await ada.submit(again, { areas: ["attic"] });
    await eventually(() => expect(refused.followUps).toHaveLength(1));
    expect((await here.plane().agent.run(runId))?.summary.status).toBe("waiting");
  });

  test("commands answer the one who asked, in their language", async () => {
    const { here, ada, runId } = await asked();
    for (const [subcommand, expected] of [
      ["status", runId],
      ["queue", "0"],
      ["help", "/cox"],
    ] as const) {
      const began = await ada.slash(here.home, subcommand);
      await eventually(() => expect(answerText(began)).toContain(expected));
      expect(ephemeral(began.original)).toBe(true);
    }
    const ling = here.somebody("ling", [], "zh-CN");
    const help = await ling.slash(here.home, "help");
    await eventually(() => expect(answerText(help)).toMatch(/\p{Script=Han}/u));
  });

  test("the queue is acted on by a command, with the macros offered", async () => {
    const here = await plane();
    const olga = here.somebody("olga");
    expect(await olga.complete(here.home, "queue", { act: "pause", macro: "house" }, "macro")).toHaveLength(1);
    const began = await olga.slash(here.home, "queue", { act: "pause", macro: "house-check" });
    await eventually(() => expect(answerText(began)).toContain("house-check"));
    const { paused } = await here.plane().agent.queue();
    expect(paused.map(({ target, by }) => [target.name, by.user])).toEqual([["house-check", olga.user.id]]);
  });

  test("in a run's thread its status needs no id, also after a restart", async () => {
    const { here, ada, runId } = await asked();
    const [thread = ""] = here.discord.world.threads.keys();
    await here.restart();
    const began = await ada.slash(thread, "status");
    const notice = (await here.plane().agent.run(runId))?.notice.title ?? "?";
    await eventually(() => expect(answerText(began)).toContain(notice));
    ada.say(thread, "where is it now?");
    await eventually(() => {
      const last = here.discord.world.messagesIn(thread).at(-1);
      expect(textOf(last as StoredMessage)).toContain(notice);
    });
    const asking = await ada.click(here.discord.world.messagesIn(thread)[1] as StoredMessage, `cxd.ask.${runId}`);
    const reply = await ada.submit(asking, { question: "why is it waiting?" });
    await eventually(() => expect(answerText(reply)).not.toBe(""));
  });

  test("macros and their arguments complete while one types", async () => {
    const { here, ada } = await asked();
    expect(await ada.complete(here.home, "run", { goal: "x", macro: "hou" }, "macro")).toEqual([
      "House check · Looks at the house.",
    ]);
    const ling = here.somebody("ling", [], "zh-CN");
    expect((await ling.complete(here.home, "run", { macro: "" }, "macro"))[0]).toContain("（中）");
    const args = await ada.complete(here.home, "run", { macro: "house-check", argument: "" }, "argument");
    expect(args[0]).toBe("Areas: roof, cellar, summary · areas=roof,cellar,summary");
    expect((await ada.complete(here.home, "status", { run: "" }, "run"))[0]).toMatch(/^run_/u);
  });

  test("a message becomes a run by its menu, once, with its thread at the message", async () => {
    const here = await plane();
    const ada = here.somebody("ada");
    const message = ada.say(here.home, "please check the house for us", { mention: false });
    await Promise.all([ada.menu("Run with Coxswain", message), ada.menu("Run with Coxswain", message)]);
    await eventually(() => expect(here.discord.world.threads.get(message.id)).toBeDefined());
    const { total } = await here.plane().agent.runs({ limit: 5, offset: 0 });
    expect(total).toBe(1);
    const status = await ada.menu("Run status", message);
    await eventually(() => expect(answerText(status)).toContain("check the house"));
  });

  test("words to the bot that may be a goal are offered as a run; the offer survives a restart and is one run", async () => {
    const here = await plane();
    const ada = here.somebody("ada");
    const goal = "please *check the house* for us <@1> \\o/";
    const said = ada.say(here.home, goal);
    const offer = await eventually(() => {
      const found = here.discord.world.messagesIn(here.home).find((message) => controlsOf(message).length > 0);
      if (found === undefined) throw new Error("no offer");
      return found;
    });
    expect((await here.plane().agent.runs({ limit: 5, offset: 0 })).total).toBe(0);
    await here.restart();
    const [start = ""] = controlsOf(offer);
    await Promise.all([ada.click(offer, start), here.somebody("cleo").click(offer, start)]);
    await eventually(() => expect(here.discord.world.threads.get(said.id)).toBeDefined());
    const { runs } = await here.plane().agent.runs({ limit: 5, offset: 0 });
    expect(runs.map((run) => run.goal)).toEqual([goal]);
  });

  test("who writes is answered in the language of their Discord as last known, else in the server's", async () => {
    const here = await plane({}, { serverLocale: "zh-CN" });
    const han = /\p{Script=Han}/u;
    const answerTo = async (who: Somebody): Promise<string> => {
      const said = who.say(here.home, "help");
      return eventually(() => {
        const answer = here.discord.world.messagesIn(here.home).find(({ body }) => repliesTo(body, said.id));
        if (answer === undefined) throw new Error("not answered yet");
        return textOf(answer);
      });
    };
    const ada = here.somebody("ada", [], "en-GB");
    const otto = here.somebody("otto", [], "de");
    expect(await answerTo(ada)).toMatch(han);
    for (const who of [ada, otto]) await who.slash(here.home, "help");
    await here.restart();
    expect(await answerTo(ada)).not.toMatch(han);
    // What is not spoken here is no reason for English.
    expect(await answerTo(otto)).toMatch(han);
  });

  test("what people say to each other is left alone", async () => {
    const { here, ada } = await asked({}, { messageContent: true });
    const [thread = ""] = here.discord.world.threads.keys();
    const before = here.discord.world.messagesIn(thread).length;
    ada.say(thread, "I think the roof is fine", { mention: false });
    ada.say(here.home, "nice weather", { mention: false });
    ada.say(thread, "where is it?", { mention: false });
    await eventually(() => expect(here.discord.world.messagesIn(thread)).toHaveLength(before + 3));
    expect(here.discord.world.messagesIn(here.home).filter(({ author }) => author.bot === true)).toHaveLength(1);
  });

  test("who may not start a run, or names a folder that may not be used, is told so alone", async () => {
    const here = await plane({ rolesOf: ({ displayName }) => new Set(displayName === "ada" ? ["requester"] : []) });
    const gus = await here.somebody("gus").slash(here.home, "run", { goal: "buy cheap watches" });
    expect(ephemeral(gus.original)).toBe(true);
    expect(answerText(gus)).not.toContain("watches");
    const ada = await here.somebody("ada").slash(here.home, "run", { goal: "cheap watches", macro: "no-such-macro" });
    await eventually(() => expect(ada.followUps).toHaveLength(1));
    expect(ephemeral(ada.followUps[0])).toBe(true);
    expect(here.discord.world.messagesIn(here.home)).toEqual([]);
  });

  test("whoever may not change values gets no form", async () => {
    const { here, control } = await asked({
      rolesOf: ({ displayName }) => new Set(displayName === "ada" ? ["requester"] : []),
    });
    const { message, id } = control("decision.arguments");
    const refused = await here.somebody("bob").click(message, id);
    expect(refused.response?.type).toBe(InteractionResponseType.ChannelMessageWithSource);
    expect(ephemeral(refused.original)).toBe(true);
  });

  test("in a server that it does not work for it does nothing, and says how it is let in", async () => {
    const { here, ada, runId } = await asked();
    const { world } = here.discord;
    const [guild, room] = ["1400000000000000000", "1400000000000000001"];
    world.rooms.add(room);
    const there = ada.elsewhere(guild);
    const before = world.messages.size;
    const typed = await there.slash(room, "run", { goal: "please check the house for us" });
    expect(answerText(typed)).toContain(guild);
    expect(ephemeral(typed.original)).toBe(true);
    expect(await there.complete(room, "status", { run: "" }, "run")).toEqual([]);
    there.say(room, "run please check the house for us");
    const asking = await ada.slash(here.home, "status");
    await eventually(() => expect(answerText(asking)).toContain(runId));
    expect((await here.plane().agent.runs({ limit: 5, offset: 0 })).total).toBe(1);
    // A private answer there, one here, and what was said.
    expect(world.messages.size - before).toBe(3);
  });

  test("a role of the server gives what the settings say, as of the click", async () => {
    const trusted = "1260000000000000001";
    const here: DiscordPlane = await plane({
      rolesOf: (actor) => new Set(here?.part().membershipsOf(actor).includes(`role:${trusted}`) ? ["admin"] : []),
    });
    const [ada, late] = [here.somebody("ada", [trusted]), here.somebody("ada")];
    await here.ask(ada);
    const [thread = ""] = here.discord.world.threads.keys();
    const card = here.discord.world.messagesIn(thread).at(-1) as StoredMessage;
    const confirm = controlsOf(card).find((id) => id.includes(".sub.")) ?? "";
    const refused = await late.click(card, confirm);
    expect(answerText(refused)).not.toBe("");
    expect(ephemeral(refused.original)).toBe(true);
    const accepted = await ada.click(card, confirm);
    expect(accepted.response?.type).toBe(InteractionResponseType.UpdateMessage);
  });
});

describe("when Discord or the disk is slow", () => {
  test("what is not saved in 1.5 s is said to be not saved yet, and the outcome follows", async () => {
    const { here, ada, control, runId } = await asked();
    const { agent, clock } = here.plane();
    const { door, open } = heldDoor(here);
    const { message, id } = control("decision.recommended");
    const clicking = ada.click(message, id);
    await eventually(() => expect(door).toHaveBeenCalled());
    clock.advance(1500);
    const clicked = await clicking;
    expect(answerText(clicked)).toContain("Not saved yet");
    expect((await agent.run(runId))?.summary.status).toBe("waiting");
    open();
    await eventually(() => expect(answerText(clicked)).toBe("Saved."));
  });

  test("a click that nobody waits for any more (10062) is carried out all the same", async () => {
    const { here, ada, control, runId } = await asked();
    const held = here.discord.hold(({ path }) => path.endsWith("/callback"));
    const { message, id } = control("decision.recommended");
    const clicking = ada.click(message, id);
    await held.reached;
    here.discord.clock.advance(3001);
    held.release();
    expect((await clicking).response).toBeUndefined();
    await completed(here, runId);
    expect(here.alerts()).toEqual([]);
  });

  test("an acknowledgement that arrived and whose answer was lost is no second bot", async () => {
    const { here, ada, control, runId } = await asked();
    here.discord.mishap({
      when: ({ path }) => path.endsWith("/callback"),
      reply: { status: 503, body: { message: "down" } },
      after: true,
      times: 1,
    });
    const { message, id } = control("decision.recommended");
    await ada.click(message, id);
    await completed(here, runId);
    expect(here.alerts()).toEqual([]);
  });

  test("an answer to a message waits where Discord limits the rate or is away for a moment", async () => {
    const { here, ada } = await asked();
    const [thread = ""] = here.discord.world.threads.keys();
    const posting = ({ method, path }: { method: string; path: string }): boolean =>
      method === "POST" && path === `/channels/${thread}/messages`;
    const limit = { "retry-after": "1", "x-ratelimit-reset-after": "1", "x-ratelimit-bucket": "b" };
    const body = { message: "limited", retry_after: 1, global: false };
    here.discord.mishap({ when: posting, reply: { status: 429, body, headers: limit }, times: 1 });
    const before = here.discord.world.messagesIn(thread).length;
    ada.say(thread, "where is it now?");
    await eventually(() => {
      here.plane().clock.advance(1000);
      expect(here.discord.world.messagesIn(thread)).toHaveLength(before + 2);
    });
  });

  test("what follows an answer is told once, though Discord took it and answered with an error", async () => {
    const { here, ada, control, decision } = await asked();
    const question = (await decision())?.questions.find(({ options }) =>
      options.some(({ rejectedBecause }) => rejectedBecause !== null),
    );
    const option = question?.options.find(({ rejectedBecause }) => rejectedBecause !== null);
    if (question === undefined || option === undefined) throw new Error("fixture");
    here.discord.mishap({
      when: ({ method, path }) => method === "POST" && path.startsWith("/webhooks/"),
      reply: { status: 502, body: { message: "bad gateway" } },
      after: true,
      times: 1,
    });
    const { message, id } = control("decision.select", question.number);
    const refused = await ada.select(message, id, [option.id]);
    await eventually(() => expect(refused.followUps).toHaveLength(1));
    const asking = await ada.slash(here.home, "help");
    await eventually(() => expect(answerText(asking)).not.toBe(""));
    expect(refused.followUps).toHaveLength(1);
  });

  test("an error that nobody can be told of, since another bot answered, ends no process", async () => {
    const { here, ada, control } = await asked();
    const { message, id } = control("decision.details", 1);
    vi.spyOn(here.plane().agent, "run").mockRejectedValueOnce(new Error("the disk is gone"));
    here.discord.mishap({
      when: ({ path }) => path.endsWith("/callback"),
      reply: { status: 400, body: { code: 40_060, message: "Interaction has already been acknowledged." } },
      times: 1,
    });
    // An unhandled rejection would fail this test.
    void ada.click(message, id).catch(() => undefined);
    await eventually(() => expect(here.alerts()).toEqual(["discord:second_bot"]));
  });

  test("a delivery that hangs holds up no click on its card", async () => {
    const { here, ada, control, runId } = await asked();
    const { message, id } = control("decision.recommended");
    // Discord does not answer the redraw of another selection.
    const held = here.discord.hold(({ method, path }) => method === "PATCH" && path.endsWith(message.id));
    await here.plane().agent.handle({
      kind: "language.set",
      id: "from elsewhere",
      by: { surface: "discord", user: ada.user.id, displayName: "ada" },
      runId,
      language: "zh-CN",
    });
    await held.reached;
    const clicking = ada.click(message, id);
    await eventually(async () => expect((await here.plane().agent.run(runId))?.summary.status).not.toBe("waiting"));
    here.plane().clock.advance(1500);
    expect(answerText(await clicking)).toContain("Saved.");
    held.release();
    await completed(here, runId);
    await eventually(() => expect(controlsOf(message)).toEqual([]));
  });

  test.each([
    ["Discord says so", 0],
    ["our clock says so", 15 * 60_000],
  ])("after 15 minutes, as %s, what all see is written with the bot's own token", async (_, passed) => {
    const here = await plane();
    const ada = here.somebody("ada");
    const { clock } = here.plane();
    const { door, open } = heldDoor(here);
    const began = await ada.slash(here.home, "run", { goal: "please check the house for us" });
    await eventually(() => expect(door).toHaveBeenCalled());
    here.discord.clock.advance(15 * 60_000 + 1);
    clock.advance(passed);
    open();
    await eventually(() => expect(answerText(began)).toContain("run_"));
    const written = (method: string, path: string): number =>
      here.discord.calls.filter((call) => call.method === method && call.path === path).length;
    expect(written("PATCH", `/channels/${here.home}/messages/${began.original?.id}`)).toBe(1);
    const asked = here.discord.calls.filter(({ path }) => path.endsWith("/messages/@original"));
    expect(asked).toHaveLength(passed === 0 ? 1 : 0);
  });

  test.each([
    ["Discord says so", 0],
    ["our clock says so", 15 * 60_000],
  ])("after 15 minutes, as %s, what was for one person alone is told to nobody else", async (_, passed) => {
    const { here, ada, control, runId } = await asked();
    const { clock } = here.plane();
    const { door, open } = heldDoor(here);
    const { message, id } = control("decision.recommended");
    const clicking = ada.click(message, id);
    await eventually(() => expect(door).toHaveBeenCalled());
    clock.advance(1500);
    const clicked = await clicking;
    expect(answerText(clicked)).toContain("Not saved yet");
    here.discord.clock.advance(15 * 60_000 + 1);
    clock.advance(passed);
    open();
    // It is carried out, and the card says so; the private note stays as it was.
    await completed(here, runId);
    await eventually(() => expect(controlsOf(message)).toEqual([]));
    expect(answerText(clicked)).toContain("Not saved yet");
    expect(here.discord.world.messagesIn(message.channel).map(textOf)).not.toContain("Saved.");
  });
});

describe("when the connection breaks", () => {
  test("what was clicked while it was away is taken up on RESUME, once", async () => {
    const { here, ada, control, runId } = await asked();
    const { gateway } = here.discord;
    gateway.close(4000);
    await eventually(() => expect(gateway.open()).toBe(0));
    const { message, id } = control("decision.recommended");
    await ada.click(message, id);
    expect(gateway.counts.resumed).toBe(1);
    await completed(here, runId);
  });

  test("an event that is delivered again does nothing again", async () => {
    const here = await plane();
    const { world } = here.discord;
    const body = { content: `<@${world.bot.id}> help` };
    const said = world.addMessage({
      channel: here.home,
      author: world.person("ada"),
      nonce: undefined,
      body,
      files: [],
    });
    const payload = { ...world.asMessage(said), guild_id: world.guildId, mentions: [world.bot] };
    here.discord.gateway.dispatch(GatewayDispatchEvents.MessageCreate, payload);
    here.discord.gateway.dispatch(GatewayDispatchEvents.MessageCreate, payload);
    const ada = here.somebody("ada");
    const began = await ada.slash(here.home, "queue");
    await eventually(() => expect(answerText(began)).not.toBe(""));
    expect(
      here.discord.calls.filter(({ method, path }) => method === "POST" && path === `/channels/${here.home}/messages`),
    ).toHaveLength(1);
  });

  test.each([
    ["op 7 (reconnect)", (here: DiscordPlane) => here.discord.gateway.askToReconnect(), { identified: 1, resumed: 1 }],
    ["op 9, resumable", (here: DiscordPlane) => here.discord.gateway.invalidate(true), { identified: 1, resumed: 1 }],
    ["close code 1001", (here: DiscordPlane) => here.discord.gateway.close(1001), { identified: 1, resumed: 1 }],
  ])("after %s the bot answers again", async (_, breakIt, counts) => {
    const here = await plane();
    const ada = here.somebody("ada");
    breakIt(here);
    await eventually(() => expect(here.discord.gateway.counts).toEqual(counts));
    const began = await ada.slash(here.home, "help");
    await eventually(() => expect(answerText(began)).toContain("/cox"));
  });

  test("after op 9 for good the bot identifies anew and answers", async () => {
    const here = await plane();
    here.discord.gateway.invalidate(false);
    await eventually(() => expect(here.discord.gateway.counts.identified).toBe(2));
    await eventually(async () => {
      const began = await here.somebody("ada").slash(here.home, "help");
      expect(began.response).toBeDefined();
    });
  });

  test("a connection that is dead without having ended is noticed by its heartbeats", async () => {
    const here = await plane({}, { heartbeatMs: 150 });
    here.discord.gateway.playDead(true);
    await eventually(() => expect(here.discord.gateway.open()).toBe(0));
    here.discord.gateway.playDead(false);
    await eventually(() =>
      expect(here.discord.gateway.counts.resumed + here.discord.gateway.counts.identified).toBeGreaterThan(1),
    );
  });
});
