import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { plainRepository, type FolderFixture } from "../fixtures/repositories.ts";
import { E2E_MS, endedWith, launchBoat, type Boat, type Called } from "./coxswain.ts";

const Waiting = z.looseObject({
  type: z.literal("run.waiting"),
  runId: z.string(),
  card: z.looseObject({
    title: z.string(),
    context: z.array(z.looseObject({ lines: z.array(z.string()) })),
    questions: z.array(
      z.looseObject({ id: z.string(), options: z.array(z.looseObject({ id: z.string(), recommended: z.boolean() })) }),
    ),
  }),
});
type Waiting = z.infer<typeof Waiting>;

const RULES = "# Rules\n\nNever edit `dist/`.\nNever edit `src/`.\n\nWrite short sentences.\n";
const text = (en: string) => ({ en, "zh-CN": `${en}（中）` });
const option = (id: string, effect: object) => ({
  id,
  ...Object.fromEntries(
    ["label", "changes", "solves", "result", "advantages", "disadvantages"].map((f) => [f, text(`${id} ${f}`)]),
  ),
  effect,
});

/** A procedure that looks, and makes something where it is asked to. */
async function addMaker(folder: string, writes: readonly string[], script: string): Promise<void> {
  const lane = (id: string, words: string, more: object) => ({
    id,
    title: text(id),
    role: "operations",
    command: ["/bin/sh", "-c", words],
    verify: [{ id: "ended-well", kind: "exit_code" }],
    timeLimitMs: 60_000,
    ...more,
  });
  const macro = {
    id: "maker",
    title: text("Maker"),
    description: text("Makes a file."),
    type: "C",
    path: "regulated_path",
    risk: "low",
    triggers: { phrases: ["make the file"] },
    lanes: [lane("look", "ls", {}), lane("make", script, { writes, keeps: "branch" })],
    questions: [
      {
        id: "made",
        title: text("Make it?"),
        options: [
          option("no", { excludeLanes: ["make"] }),
          option("yes", { includeLanes: ["make"] }),
          option("only", { includeLanes: ["make"], excludeLanes: ["look"] }),
        ],
      },
    ],
  };
  await mkdir(join(folder, "macros"), { recursive: true });
  await writeFile(join(folder, "macros", "maker.yaml"), stringify(macro));
}

const waiting = (called: Called): Waiting => Waiting.parse(endedWith(3, called).last);

/** A run that makes the file, as far as the next question after the confirmation, or its end. */
async function making(
  boat: Boat,
  where: { folder: string; environment: Record<string, string> },
): Promise<{ runId: string; called: Called }> {
  const { runId, card } = waiting(await boat.call(["run", "make the file", "--json"], where));
  const answers = Object.fromEntries(
    card.questions.map(({ id, options }) => [id, options.find(({ recommended }) => recommended)?.id ?? ""]),
  );
  return { runId, called: await answered(boat, where, runId, { answers: { ...answers, made: "yes" } }) };
}

async function answered(
  boat: Boat,
  where: { folder: string; environment: Record<string, string> },
  runId: string,
  file: unknown,
): Promise<Called> {
  const path = join(boat.stateRoot, "..", "answers.json");
  await writeFile(path, JSON.stringify(file));
  return boat.call(["answer", runId, "--answers", path, "--json"], where);
}

async function scene(
  atTheEnd: (clean: () => Promise<void>) => void,
  writes: readonly string[],
  script: string,
): Promise<{ boat: Boat; repository: FolderFixture; where: { folder: string; environment: Record<string, string> } }> {
  const boat = await launchBoat();
  atTheEnd(() => boat.remove());
  const repository = await plainRepository();
  atTheEnd(() => repository.remove());
  await repository.write("AGENTS.md", RULES);
  await repository.commit("rules");
  const own = join(boat.stateRoot, "..", "own");
  await addMaker(own, writes, script);
  const environment = { COXSWAIN_CONFIG_FOLDERS: JSON.stringify([own]), COXSWAIN_UNDO_MS: "0" };
  return { boat, repository, where: { folder: repository.folder, environment } };
}

test.concurrent(
  "a lane that declares a path which AGENTS.md forbids does not start, until an operator waives it with a reason",
  async ({ onTestFinished }) => {
    const { boat, repository, where } = await scene(
      onTestFinished,
      ["dist/**"],
      "mkdir -p dist && echo made > dist/a.txt",
    );
    const { runId, called } = await making(boat, where);
    const { card } = waiting(called);
    expect(card.title).toContain("A rule forbids this: how to go on? – in ");
    expect(card.context.flatMap(({ lines }) => lines).join()).toContain("AGENTS.md:3 forbids writing dist/**");

    const silent = await answered(boat, where, runId, { answers: { make: "waive" } });
    expect(silent.exit).toBe(2);
    expect(silent.out + silent.err).toContain("reason");
    const waived = await answered(boat, where, runId, {
      answers: { make: "waive" },
      args: { reason: "asked the owner" },
    });
    expect(waiting(waived).card.questions.map(({ id }) => id)).toEqual(["keep_change"]);
    endedWith(0, await answered(boat, where, runId, { answers: { keep_change: "keep_branch" } }));
    expect(await repository.git("show", `coxswain/${runId}:dist/a.txt`)).toBe("made\n");
    expect(await boat.filesWith("asked the owner")).not.toEqual([]);
  },
  E2E_MS,
);

test.concurrent(
  "a diff that touches a forbidden path never leaves its copy, however wide the lane had declared",
  async ({ onTestFinished }) => {
    const script = "mkdir -p src && echo made > src/b.txt && echo fine > c.txt";
    const { boat, repository, where } = await scene(onTestFinished, ["**"], script);
    const before = await repository.git("for-each-ref");
    const { runId, called } = await making(boat, where);
    const { card } = waiting(called);
    expect(card.title).toContain("A rule forbids this: how to go on? – in ");
    expect(card.context.flatMap(({ lines }) => lines).join()).toContain("AGENTS.md:4 forbids writing src/b.txt");
    endedWith(0, await answered(boat, where, runId, { answers: { make: "keep_nothing" } }));
    expect(await repository.git("for-each-ref")).toBe(before);
    expect((await boat.filesWith("+made")).filter((file) => file.endsWith(".patch"))).toEqual([]);
  },
  E2E_MS,
);

test.concurrent(
  "a diff that touches an undeclared path is never offered, and the path is named",
  async ({ onTestFinished }) => {
    const { boat, repository, where } = await scene(onTestFinished, ["notes/**"], "echo stray > stray.txt");
    const before = await repository.git("for-each-ref");
    const { called } = await making(boat, where);
    expect(called.exit).not.toBe(0);
    expect(called.out).toContain("stray.txt");
    expect(await repository.git("for-each-ref")).toBe(before);
  },
  E2E_MS,
);

test.concurrent(
  "policy explain says what is enforced and what is not, with file and line",
  async ({ onTestFinished }) => {
    const { boat, where } = await scene(onTestFinished, ["dist/**"], "true");
    const shown = endedWith(0, await boat.call(["policy", "explain"], where)).out;
    expect(shown).toMatch(/AGENTS\.md:3 {2}Never edit `dist\/`\./);
    expect(shown).toMatch(/AGENTS\.md:6 {2}Write short sentences\.\n +Not enforced/);
    expect(shown).toContain("config/policies.yaml:");
    const Explained = z.looseObject({
      type: z.literal("policy"),
      enforced: z.array(z.looseObject({ file: z.string(), line: z.number(), how: z.string() })),
      notEnforced: z.array(z.looseObject({ file: z.string(), line: z.number(), why: z.string() })),
      neverEnforced: z.array(z.string()).min(3),
    });
    const json = Explained.parse(
      endedWith(0, await boat.call(["policy", "explain", "--json", "--language", "zh-CN"], where)).last,
    );
    expect(json.enforced.filter(({ file }) => file === "AGENTS.md").map(({ line }) => line)).toEqual([3, 4]);
    expect(json.notEnforced).toMatchObject([{ file: "AGENTS.md", line: 6 }]);
  },
  E2E_MS,
);
