import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Command } from "../../src/contracts/command.ts";
import { translatorFor } from "../../src/i18n.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { createFakeClock } from "../fakes/fake-clock.ts";
import { createFakeSurface } from "../fakes/fake-surface.ts";
import { createFaultyDisk } from "../adapters/engine/faulty-disk.ts";
import { aTask } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, reaches, started } from "../fixtures/planes.ts";

/** The fault table of docs/faults.md, as far as the core answers for it; the rest is with the runtime. */
describe("a full disk", () => {
  test("holds a run where it is, says so, and loses and repeats nothing once there is room", async () => {
    const disk = createFaultyDisk();
    const here = await aPlane({ disk });
    const trouble: string[] = [];
    here.agent.on("run.trouble", ({ text }) => {
      trouble.push(translatorFor("zh-CN").say(text));
    });
    here.runtime.script("roof", (order) => {
      disk.failing = "writeFile";
      return goodResultFor(order);
    });
    const runId = await started(here, { answers: "recommended" });
    await eventually(() => {
      here.clock.advance(1000);
      expect(trouble.length).toBeGreaterThan(2);
    });
    expect(trouble[0]).toMatch(/^运行停住了：.*ENOSPC.*不会丢失任何内容。$/su);
    const held = await here.agent.run(runId);
    expect(held?.summary.status).toBe("active");
    expect(held?.notice.lines.find(({ key }) => key === "blocked")?.value).toContain("ENOSPC");
    const task = aTask({ goal: "请检查一下房子 check the house", language: "zh-CN" });
    const start = Command.parse({ kind: "run.start", id: "b", by: task.requestedBy, task });
    const refused = await here.agent.handle(start);
    expect(refused).toMatchObject({ kind: "refused", code: "engine.write_failed" });
    expect(refused.kind === "refused" && refused.message).toMatch(/^未做任何更改/u);

    here.runtime.script("roof", goodResultFor);
    disk.failing = undefined;
    await reaches(here, runId, "completed");
    const lanes = here.runtime.orders.map(({ brief }) => brief.laneId);
    expect(lanes.toSorted()).toEqual(["cellar", "roof", "summary"]);
    expect((await here.agent.runs({ limit: 9, offset: 0 })).total).toBe(1);
  });
});

describe("a run whose document is bad", () => {
  const damages: readonly [string, (file: string) => Promise<void>][] = [
    ["damaged", (file) => writeFile(file, '{"schemaVersion":1,"run":')],
    [
      "not readable",
      (file) =>
        rm(file)
          .then(() => mkdir(file))
          .then(() => undefined),
    ],
  ];
  test.each(damages)(
    "%s is put aside with the reason, operators hear of it, and the others go on",
    async (_, damage) => {
      const surface = createFakeSurface("right");
      const operatorChannels = [{ surface: "right", channel: "ops", role: "operators" } as const];
      const before = await aPlane({ surfaces: [surface], operatorChannels });
      const bad = await started(before, {}, "bad");
      const good = await started(before, {}, "good");
      for (const runId of [bad, good]) await reaches(before, runId, "waiting");

      const here = await before.restart(() => damage(join(before.root, "runs", bad, "run.json")));
      expect(await here.agent.run(bad)).toBeUndefined();
      const folder = join(here.root, "quarantine", `${bad}-1`);
      expect(await readdir(folder)).toContain("reason.txt");
      const reason = (await readFile(join(folder, "reason.txt"), "utf8")).trim();
      expect(reason).not.toBe("");
      expect(await here.agent.setAside(bad)).toEqual({ name: bad, folder, reason });
      expect(await here.agent.setAside(good)).toBeUndefined();
      const cancel = await here.agent.handle({ kind: "run.cancel", id: "c", by: aTask().requestedBy, runId: bad });
      expect(cancel).toMatchObject({
        kind: "refused",
        code: "run.set_aside",
        message: expect.stringContaining(folder),
      });
      await eventually(() => {
        const alerts = surface.messages.flatMap(({ cards }) => cards).filter(({ kind }) => kind === "alert");
        expect(JSON.stringify(alerts)).toContain(`Damaged state was put aside: ${bad}`);
        expect(JSON.stringify(alerts)).toContain(folder);
      });
      await here.agent.handle({
        kind: "decision.answer",
        id: "go",
        by: aTask().requestedBy,
        runId: good,
        answers: "recommended",
        args: {},
      });
      await reaches(here, good, "completed");
      await reaches(here, await started(here, { answers: "recommended" }, "new"), "completed");
    },
  );
});

test("a clock that goes backwards makes no run younger, ends no stage before it began, and holds nothing up for long", async () => {
  const clock = createFakeClock();
  const here = await aPlane({ clock });
  let tries = 0;
  here.runtime.script("roof", (order) => {
    tries += 1;
    clock.setBack(3600_000);
    return tries === 1 ? { ...GOOD_RESULT, exitCode: 1 } : goodResultFor(order);
  });
  const runId = await started(here, { answers: "recommended" });
  await eventually(() => {
    here.clock.advance(100);
    expect(tries).toBe(2);
  });
  await reaches(here, runId, "completed");
  const document = await here.agent.document(runId);
  for (const state of Object.values(document?.run.stages ?? {})) {
    if (state.status === "completed") expect(state.completedAt).toBeGreaterThanOrEqual(state.startedAt);
  }
  for (const dispatch of document?.run.dispatches ?? []) {
    if (dispatch.status === "succeeded") expect(dispatch.endedAt).toBeGreaterThanOrEqual(dispatch.startedAt);
  }
  expect(document?.history.map(({ version }) => version)).toEqual(document?.history.map((_, at) => at + 1));
  expect(document?.run.updatedAt).toBeGreaterThanOrEqual(document?.run.startedAt ?? Infinity);
});

test("a worker's text that is no pattern ends no run: it stands in the result as the worker wrote it", async () => {
  const here = await aPlane();
  const text = { kind: "localized", byLanguage: { en: "unexpected token { in {file}" } } as const;
  const evidence = [{ kind: "measure" as const, name: "n", value: 1, unit: "x" }];
  const finding = { code: "roof.broken", severity: "high" as const, text, evidence };
  here.runtime.script("roof", (order) => ({ ...goodResultFor(order), findings: [finding] }));
  const runId = await started(here, { answers: "recommended" });
  await reaches(here, runId, "completed");
  expect(JSON.stringify((await here.agent.run(runId))?.result)).toContain("unexpected token { in {file}");
});
