import { expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import type { Command } from "../../src/contracts/command.ts";
import type { QueueView } from "../../src/contracts/view.ts";
import { createFakeSession, EMPTY_QUEUE } from "../fakes/fake-session.ts";
import { RUN_ID } from "../fakes/run-views.ts";
import { createFakeWorld } from "../fakes/fake-world.ts";

const done = () => ({ kind: "done", message: "It is done." }) as const;

test.each<[string[], Partial<Command>]>([
  [["queue", "pause", "--tenant", "web:ada"], { kind: "queue.pause", target: { kind: "tenant", name: "web:ada" } }],
  [
    ["queue", "raise", "--macro", "release-check"],
    { kind: "queue.raise", target: { kind: "macro", name: "release-check" } },
  ],
  [["queue", "weight", "--tenant", "team", "3"], { kind: "queue.weigh", tenant: "team", weight: 3 }],
  [["queue", "weight", "default", "--tenant", "team"], { kind: "queue.weigh", tenant: "team", weight: null }],
])("%j asks the door for it and says what it answers", async (argv, command) => {
  const world = createFakeWorld(argv);
  world.session.reply(done);
  await expect(runCli(world)).resolves.toBe(0);
  expect(world.session.commands).toMatchObject([command]);
  expect(world.written.out).toContain("It is done.");
  const asProgram = createFakeWorld([...argv, "--json"]);
  asProgram.session.reply(done);
  await expect(runCli(asProgram)).resolves.toBe(0);
  expect(JSON.parse(asProgram.written.out)).toEqual({ type: command.kind, message: "It is done." });
});

test.each([
  [["queue", "pause"], "--tenant"],
  [["queue", "pause", "--tenant", "a", "--macro", "b"], "--tenant"],
  [["queue", "weight", "none", "--tenant", "a"], "none"],
  [["run", "go", "--deadline", "tomorrow"], "tomorrow"],
])("%j ends with 2 and says what was expected", async (argv, message) => {
  const world = createFakeWorld(argv);
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain(message);
  expect(world.session.commands).toEqual([]);
});

test("a drain where no bot runs is no drain", async () => {
  const world = createFakeWorld(["drain"]);
  await expect(runCli(world)).resolves.toBe(1);
  expect(world.written.err).toContain("No bot runs");
});

const NEXT: QueueView["waiting"][number] = {
  position: 1,
  dispatchId: "dsp_4k2m9x7q1b_1",
  flow: "alice",
  macroId: null,
  queuedAt: null,
  runId: RUN_ID,
  tenant: "alice",
  notBefore: null,
  heldBy: [],
  paused: [],
  ahead: { own: { count: 0, runs: [] }, others: { count: 0, runs: [] } },
  start: { kind: "estimated", at: 1000, inMs: 0 },
};

test.each([
  ["nobody works here", { owner: true }, "it waits for a bot (npm start), or for whoever resumes it"],
  ["another terminal works on its own run", { owner: false, worksOn: false }, "it waits for a bot (npm start)"],
  ["a bot works on it", { owner: false, worksOn: true }, "It should start within a minute"],
])("where %s, the queue says so", async (_title, session, said) => {
  const queue = { ...EMPTY_QUEUE, waiting: [NEXT], waitingTotal: 1 };
  const world = createFakeWorld(["queue"], { session: createFakeSession({ ...session, queue }) });
  await expect(runCli(world)).resolves.toBe(0);
  expect(world.written.out).toContain(said);
  if (session.owner) expect(world.session.followed).toEqual([]);
});
