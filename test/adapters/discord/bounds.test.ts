import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayDispatchEvents } from "discord-api-types/v10";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBoard } from "../../../adapters/discord/board.ts";
import { LIMITS } from "../../../adapters/discord/limits.ts";
import { openPeople } from "../../../adapters/discord/people.ts";
import { openThreads } from "../../../adapters/discord/threads.ts";
import { createLog } from "../../../src/log.ts";
import { answerText } from "../../fakes/discord/people.ts";
import { aDiscordPlane } from "../../fixtures/discord.ts";
import { eventually } from "../../fixtures/eventually.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "coxswain-discord-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const log = createLog("silent");
const idAt = (at: number): string => String(1_300_000_000_000_000_000n + BigInt(at));

/** Does something once more than is kept: with the first one, then with all the others. */
function onceMore(most: number, keep: (at: number) => void): void {
  for (let at = 0; at <= most; at += 1) keep(at);
}

/** What is kept of so many things, by the name of its limit. The library's own caches are in client.test.ts. */
const KEPT: Record<Extract<keyof typeof LIMITS, `${string}Kept`>, () => Promise<void>> = {
  messagesKept: async () => {
    const board = createBoard();
    onceMore(LIMITS.messagesKept, (at) => {
      board.set(`card ${at}`, {
        place: "1",
        kind: "notice",
        runId: null,
        decisionId: undefined,
        version: 1,
        messages: [{ id: idAt(at), content: undefined, isBare: false }],
        writes: 1,
        writtenAt: 0,
      });
    });
    expect([board.get("card 0"), board.keyOf(idAt(0))]).toEqual([undefined, undefined]);
    for (const at of [1, LIMITS.messagesKept]) {
      expect([board.get(`card ${at}`)?.version, board.keyOf(idAt(at))]).toEqual([1, `card ${at}`]);
    }
  },

  peopleKept: async () => {
    const people = await openPeople(join(folder, "people.jsonl"), log);
    const known = (at: number) => [
      people.nameOf(idAt(at)),
      people.membershipsOf({ surface: "discord", user: idAt(at) }).length,
    ];
    onceMore(LIMITS.peopleKept, (at) => people.actorOf({ id: idAt(at), name: `person ${at}`, roles: ["1"] }));
    expect(known(0)).toEqual([undefined, 0]);
    for (const at of [1, LIMITS.peopleKept]) expect(known(at)).toEqual([`person ${at}`, 1]);
  },

  localesKept: async () => {
    const file = await filled(LIMITS.localesKept, (at) => ({ user: idAt(at), locale: "zh-CN" }));
    const people = await openPeople(file, log);
    people.speaks(idAt(LIMITS.localesKept), "zh-CN");
    const known = (of: typeof people) => [0, 1, LIMITS.localesKept].map((at) => of.localeOf(idAt(at)));
    expect(known(people)).toEqual([undefined, "zh-CN", "zh-CN"]);
    await people.flush();
    expect(known(await openPeople(file, log))).toEqual([undefined, "zh-CN", "zh-CN"]);
    expect(await linesIn(file)).toBe(LIMITS.localesKept);
  },

  threadsKept: async () => {
    const line = (at: number) => ({ thread: idAt(at), runId: `run_${at}aaaaaaaa`, at: idAt(at) });
    const file = await filled(LIMITS.threadsKept, line);
    const threads = await openThreads(file, log);
    threads.remember(line(LIMITS.threadsKept));
    const known = (of: typeof threads) =>
      [0, 1, LIMITS.threadsKept].map((at) => [of.runIn(idAt(at)), of.placeOf(idAt(at))]);
    const expected = [
      [undefined, undefined],
      ["run_1aaaaaaaa", idAt(1)],
      [`run_${LIMITS.threadsKept}aaaaaaaa`, idAt(LIMITS.threadsKept)],
    ];
    expect(known(threads)).toEqual(expected);
    await threads.flush();
    expect(known(await openThreads(file, log))).toEqual(expected);
    expect(await linesIn(file)).toBe(LIMITS.threadsKept);
  },

  interactionsKept: async () => {
    const here = await aDiscordPlane();
    try {
      const { world, gateway, calls } = here.discord;
      const ada = here.somebody("ada");
      const written = (id: string, content: string) => ({
        ...world.asMessage({
          id,
          channel: here.home,
          author: ada.user,
          nonce: undefined,
          body: { content },
          edits: 0,
          files: [],
        }),
        guild_id: world.guildId,
        mentions: content === "" ? [] : [world.bot],
      });
      const send = (id: string, text: string): void =>
        gateway.dispatch(GatewayDispatchEvents.MessageCreate, written(id, text));
      const answers = (): number =>
        calls.filter(({ method, path }) => method === "POST" && path === `/channels/${here.home}/messages`).length;
      /** Everything that was sent before has been read when this is answered. */
      const read = async (): Promise<void> => {
        const began = await ada.slash(here.home, "queue");
        await eventually(() => expect(answerText(began)).not.toBe(""));
      };
      send(idAt(0), "help");
      send(idAt(0), "help");
      await read();
      await eventually(() => expect(answers()).toBe(1));
      for (let at = 1; at < LIMITS.interactionsKept - 1; at += 1) send(idAt(at), "");
      send(idAt(0), "help");
      await read();
      expect(answers()).toBe(1);
      for (let at = 0; at < LIMITS.interactionsKept; at += 1) send(idAt(LIMITS.interactionsKept + at), "");
      send(idAt(0), "help");
      await eventually(() => expect(answers()).toBe(2));
    } finally {
      await here.close();
    }
  },
};

test.each(Object.entries(KEPT))("no more is kept than %s says, and what was used last", async (_, holds) => {
  await expect(holds()).resolves.toBeUndefined();
});

/** A file with so many lines of a former process. */
async function filled(count: number, line: (at: number) => object): Promise<string> {
  const file = join(folder, "kept.jsonl");
  await writeFile(file, Array.from({ length: count }, (_, at) => `${JSON.stringify(line(at))}\n`).join(""));
  return file;
}

async function linesIn(file: string): Promise<number> {
  return (await readFile(file, "utf8")).split("\n").filter((line) => line !== "").length;
}
