import { afterEach, describe, expect, test } from "vitest";
import type { RunId } from "../../../src/contracts/id.ts";
import { textOf, type Somebody } from "../../fakes/discord/people.ts";
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

interface InThread {
  readonly here: DiscordPlane;
  readonly ada: Somebody;
  readonly runId: RunId;
  readonly thread: string;
  /** How the run's notice begins, which is what answers "where is it?". */
  readonly title: () => Promise<string>;
}

async function inThread(): Promise<InThread> {
  const here = await aDiscordPlane();
  planes.push(here);
  const ada = here.somebody("ada");
  const runId = await here.ask(ada);
  const [thread = ""] = here.discord.world.threads.keys();
  return { here, ada, runId, thread, title: async () => (await here.plane().agent.run(runId))?.notice.title ?? "?" };
}

/** What the bot answered to a message, where it was said. */
function answerTo({ discord }: DiscordPlane, said: StoredMessage): Promise<string> {
  return eventually(() => {
    const answer = discord.world.messagesIn(said.channel).find(({ body }) => {
      const reference = body["message_reference"] as { message_id?: string } | undefined;
      return reference?.message_id === said.id;
    });
    if (answer === undefined) throw new Error("not answered yet");
    return textOf(answer);
  });
}

/** The thread and the channel of the newest run. */
async function newest(here: DiscordPlane, besides: RunId) {
  return eventually(async () => {
    const { runs } = await here.plane().agent.runs({ limit: 5, offset: 0 });
    const runId = runs.find((run) => run.runId !== besides)?.runId ?? "";
    const document = await here.plane().agent.document(runId);
    const [record] = Object.values(document?.messages ?? {});
    const thread = here.discord.world.threads.get(record?.thread ?? "");
    if (document === undefined || thread === undefined) throw new Error("not shown yet");
    return { thread, task: document.run.task };
  });
}

describe("in the thread of a run", () => {
  test("whoever mentions the bot and asks where it is gets the state of that run, there", async () => {
    const { here, ada, thread, title } = await inThread();
    const said = ada.say(thread, "where is it now?");
    expect(await answerTo(here, said)).toContain(await title());
  });

  test("a reply to the bot's message asks it as a mention does, though it names nobody", async () => {
    const { here, ada, thread, title } = await inThread();
    const [notice] = here.discord.world.messagesIn(thread);
    if (notice === undefined) throw new Error("no notice");
    const said = ada.say(thread, "where is it now?", { replyTo: notice });
    expect(said.body["content"]).toBe("where is it now?");
    expect(await answerTo(here, said)).toContain(await title());
  });

  test("a reply to somebody else is not for the bot", async () => {
    const { here, ada, thread } = await inThread();
    const said = here.somebody("cleo").say(thread, "it is late", { mention: false });
    const reply = ada.say(thread, "where is it now?", { replyTo: said });
    const asked = ada.say(thread, "where is it now?");
    await answerTo(here, asked);
    await here.part().stop();
    const references = here.discord.world.messagesIn(thread).map(({ body }) => body["message_reference"]);
    expect(references).not.toContainEqual(expect.objectContaining({ message_id: reply.id }));
  });

  test.each([
    ["the bot has seen it opened", async () => undefined],
    ["the bot was told of it when it connected", (here: DiscordPlane) => here.restart()],
    [
      "it comes out of the archive",
      async (here: DiscordPlane, thread: string) => {
        here.discord.world.changeThread(thread, { archived: true });
        await here.restart();
      },
    ],
  ])("another run that is asked for there is one of the channel, with a thread of its own: %s", async (_, before) => {
    const { here, ada, runId, thread } = await inThread();
    await before(here, thread);
    ada.say(thread, "run please check the house again");
    const { thread: own, task } = await newest(here, runId);
    expect(own.id).not.toBe(thread);
    expect(own.parent).toBe(here.home);
    expect(task.bindings[0]).toMatchObject({ surface: "discord", channel: here.home });
    expect(task.workspace).toBe("/workspace");
  });
});

test("outside of a thread a run begins at the message that asks for it", async () => {
  const { here, ada, runId } = await inThread();
  const said = ada.say(here.home, "run please check the house again");
  const { thread } = await newest(here, runId);
  expect(thread).toMatchObject({ id: said.id, parent: here.home });
});
