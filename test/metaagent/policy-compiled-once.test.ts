import { fromMarkdown } from "mdast-util-from-markdown";
import { expect, test, vi } from "vitest";
import { createFakeWorkspace } from "../fakes/fake-workspace.ts";
import { aPlane, reaches, started, until, isWaiting } from "../fixtures/planes.ts";

vi.mock("mdast-util-from-markdown", { spy: true });

test("the rule files of a run are read once, however many parts of it are judged by them", async () => {
  const workspace = createFakeWorkspace({ ruleFiles: [{ path: "AGENTS.md", text: "Never edit `dist/`." }] });
  const here = await aPlane({ workspace });
  const runId = await started(here);
  const { decision } = await until(here, runId, isWaiting);
  const answers = Object.fromEntries(
    (decision?.questions ?? []).map(({ id, options }) => [id, options.find((option) => option.recommended)?.id ?? ""]),
  );
  const by = { surface: "terminal", user: "ada" };
  await here.agent.handle({ kind: "decision.answer", id: "a", by, runId, answers, args: {} });
  await reaches(here, runId, "completed");
  expect((await here.agent.document(runId))?.run.dispatches.length).toBeGreaterThan(8);
  expect(vi.mocked(fromMarkdown).mock.calls).toHaveLength(1);
});
