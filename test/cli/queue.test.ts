import { expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import type { Command } from "../../src/contracts/command.ts";
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
