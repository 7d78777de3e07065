import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmulator, type Emulator } from "emulate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { createSlackApi } from "../../../adapters/slack/api.ts";
import { openJournal, type Journal } from "../../../adapters/slack/journal.ts";
import { createChannels } from "../../../adapters/slack/channels.ts";
import { createPace } from "../../../adapters/slack/pace.ts";
import { createPoster } from "../../../adapters/slack/poster.ts";
import { createSlackSurface } from "../../../adapters/slack/surface.ts";
import { cardOf } from "../../../src/cards/cards-of.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { createLog } from "../../../src/log.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";
import { RUNS } from "../../fixtures/runs.ts";

// The Web API of a peer that others wrote: what both sides took for granted here would show.
let emulator: Emulator;
let folder: string;
let journal: Journal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "coxswain-emulate-"));
  journal = await openJournal(join(folder, "journal.jsonl"));
  emulator = await createEmulator({ service: "slack", port: 0 });
});
afterEach(async () => {
  await emulator.close();
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

const Listed = z.object({ channels: z.array(z.object({ id: z.string(), name: z.string() })) });
const Replies = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      text: z.string(),
      blocks: z.array(z.unknown()).optional(),
      files: z.array(z.unknown()).optional(),
    }),
  ),
});

test("cards are posted into a thread, edited in place, found again by their key, and the report is shared", async () => {
  const log = createLog("silent");
  const clock = createFakeClock();
  const pace = createPace(clock);
  const apiUrl = `${emulator.url}/api/`;
  const onTokenRefused = (): void => undefined;
  const api = createSlackApi({ token: "xoxb-local", apiUrl, pace, log, timeoutMs: 5000, onTokenRefused });
  const listed = await api.call("conversations.list", {}, { rate: "read", answer: Listed });
  const channel = listed.channels[0]?.id ?? "";
  const poster = createPoster({ api, pace, journal, channels: createChannels({ api, pace, clock, log }), clock });
  const report = Buffer.from("# Report\n");
  const files = () => ({ readArtifact: async () => report });
  const surface = createSlackSurface({ poster, journal, files, style: "plan", clock, log });
  const words = translatorFor("en");
  const put = async (
    run: keyof typeof RUNS,
    kind: "notice" | "decision" | "result",
    thread?: string,
    message?: string,
  ) => {
    const card = cardOf(RUNS[run], kind, words);
    if (card === undefined) throw new Error("no card");
    clock.advance(2000);
    return surface.put({ key: `${kind}-key`, channel, thread, message, card });
  };

  const notice = await put("waiting", "notice");
  const decision = await put("waiting", "decision", notice.thread);
  expect(decision.thread).toBe(notice.message);
  await put("completed", "notice", notice.thread, notice.message);
  await put("completed", "decision", notice.thread, decision.message);
  await put("completed", "result", notice.thread);
  const args = { channel, ts: notice.thread, include_all_metadata: true };
  const { messages } = await api.call("conversations.replies", args, { rate: "read", answer: Replies });
  expect(messages.filter(({ files: shared }) => shared !== undefined && shared.length > 0)).toHaveLength(1);
  expect(messages.filter(({ files: shared }) => shared === undefined || shared.length === 0)).toHaveLength(3);
  expect(messages[0]?.blocks?.length).toBeGreaterThan(1);

  // As after a crash between the post and its record: the journal knows that it was begun, and Slack that it stands.
  journal.forget("result-key");
  await journal.start("result-key", clock.now());
  await put("completed", "result", notice.thread);
  const again = await api.call("conversations.replies", args, { rate: "read", answer: Replies });
  expect(again.messages).toHaveLength(messages.length);
});
