import { expect, test } from "vitest";
import { createStory } from "../../src/cli/audit-story.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { chained } from "../../src/metaagent/audit.ts";
import { translatorFor } from "../../src/i18n.ts";
import type { AuditEntry, AuditHead } from "../../src/contracts/audit.ts";
import { createFakeWorld } from "../fakes/fake-world.ts";

const by = { surface: "web", user: "ada", displayName: "Ada" };
const notes = [
  {
    at: 1_700_000_000_000,
    id: "a",
    what: "run.started",
    by,
    version: 1,
    detail: { goal: "check it", workspace: "/w" },
  },
  { at: 1_700_000_001_000, id: "b", what: "run.canceled", by, version: 2, detail: {} },
];
const heads = notes.reduce<AuditHead[]>((before, note) => [...before, chained(before.at(-1), note)], []);
const lines = heads.map(({ tail }) => JSON.stringify(tail.at(-1)));
const good = { lines, head: heads.at(-1) };

test("`audit verify` says how the trails are, and ends with 1 where one is not as it was written", async () => {
  const world = createFakeWorld(["audit", "verify"], { trails: { run_aaaaaaaa: good } });
  expect(await runCli(world)).toBe(0);
  expect(world.written.out).toBe("run_aaaaaaaa: 2 entries, all as they were written\n");
  const changed = { ...good, lines: [lines[0]!.replace("check it", "break it"), lines[1]!] };
  const bad = createFakeWorld(["audit", "verify"], { trails: { run_aaaaaaaa: changed, run_bbbbbbbb: good } });
  expect(await runCli(bad)).toBe(1);
  expect(bad.written.out).toContain("run_aaaaaaaa: entry 1 was changed\nrun_bbbbbbbb: 2 entries");
  const json = createFakeWorld(["audit", "verify", "run_aaaaaaaa", "--json"], { trails: { run_aaaaaaaa: changed } });
  expect(await runCli(json)).toBe(1);
  expect(json.lines()).toMatchObject([{ type: "audit.verified", fault: { kind: "changed", number: 1 } }]);
});

test("an entry is told in sentences, with what was proposed, changed, judged and refused", () => {
  const tell = createStory(translatorFor("en"));
  const told = (what: string, detail: AuditEntry["detail"], subject = "d1"): string[] =>
    tell({ number: 1, at: 0, id: "a", what, subject, detail, previous: "", hash: "" });
  const proposed = { answers: { scope: "all", risk: "isolated" }, args: { files: 3 } };
  const approved = { answers: { scope: "few", risk: "isolated" }, args: { files: 9 } };
  expect(told("decision.answered", { about: "execution_confirmation", cardVersion: 7, proposed, approved })).toEqual([
    "On version 7 of the card",
    "scope: few; recommended was all",
    "risk: isolated",
    "files = 9; proposed was 3",
  ]);
  const rule = { source: "agents_md", file: "AGENTS.md", line: 3, text: "Never edit `dist/`." };
  const policy = [{ rule, kind: "deny_paths", outcome: "waived", subject: "dist/**" }];
  const work = { kind: "lane", laneId: "make", revision: 0 };
  const judgedBy = { rules: 43, hash: "9365e1b67209dc95" };
  expect(told("dispatch.started", { agent: "builder", attempt: 2, work, judgedBy, policy })).toEqual([
    "“make”, by builder, attempt 2",
    "43 rules were asked (list 9365e1b67209).",
    "AGENTS.md:3, “Never edit `dist/`.”: waived once – dist/**",
  ]);
  expect(told("dispatch.failed", { code: "worker.exit", retryAt: null, exitCode: 1 })).toEqual([
    "“make”: worker.exit; not tried again",
  ]);
  expect(told("command.refused", { command: "queue.drain", code: "auth.not_allowed", more: 1 })).toEqual([
    "Wanted: drain the queue",
    "Error code auth.not_allowed",
    '{"more":1}',
  ]);
  expect(told("queue.weigh", { tenant: "web:ada", weight: 3 })).toEqual(["“web:ada”: weight 3"]);
  expect(told("queue.pause", { target: { kind: "macro", name: "maker" } })).toEqual(["Procedure “maker”"]);
});

test("a damaged document keeps nobody from hearing how the other trails are", async () => {
  const world = createFakeWorld(["audit", "verify"], { trails: { run_aaaaaaaa: good, run_bbbbbbbb: good } });
  const damaged = "/state/runs/run_aaaaaaaa/run.json is not valid JSON";
  const auditTrail = async (root: string, id: string) => {
    if (id === "run_aaaaaaaa") throw new Error(damaged);
    return world.auditTrail(root, id);
  };
  expect(await runCli({ ...world, auditTrail })).toBe(1);
  expect(world.written.err).toContain(damaged);
  expect(world.written.out).toContain("run_bbbbbbbb: 2 entries");
});

test("`audit show` tells the story in the person's language", async () => {
  const world = createFakeWorld(["audit", "show", "run_aaaaaaaa"], { trails: { run_aaaaaaaa: good } });
  expect(await runCli(world)).toBe(0);
  expect(world.written.out).toMatch(
    /^1\. Nov 14, 2023.*: The run was started, by Ada\n.*check it.*\n2\. .*canceled, by Ada\n$/,
  );
  const chinese = createFakeWorld(["audit", "show", "run_aaaaaaaa", "--language", "zh-CN"], {
    trails: { run_aaaaaaaa: good },
  });
  expect(await runCli(chinese)).toBe(0);
  expect(chinese.written.out).toContain("运行已取消（Ada）");
  expect(await runCli(createFakeWorld(["audit", "show", "run_cccccccc"]))).toBe(2);
});

test("a run that was put aside is said to be, and where, by `audit show` and `audit verify`", async () => {
  const aside = [{ name: "run_aaaaaaaa", folder: "/state/quarantine/run_aaaaaaaa-1", reason: "It is torn." }];
  for (const verb of ["show", "verify"]) {
    const world = createFakeWorld(["audit", verb, "run_aaaaaaaa"], { aside });
    expect(await runCli(world)).toBe(2);
    expect(world.written.err).toContain("put aside in /state/quarantine/run_aaaaaaaa-1. It is torn.");
  }
});
