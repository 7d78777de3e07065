import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SchedulerStrategy } from "../../../src/metaagent/strategies/scheduler-strategy.ts";
import type { Plugin } from "../../../src/plugin.ts";
import type { AgentRuntime, WorkerOrder } from "../../../src/ports.ts";

const SHORTEST = { kind: "localized", byLanguage: { en: "the shortest first", "zh-CN": "短的优先" } } as const;

/** Short work first, whoever asks for it: fine for one team, unfair between many. */
const shortestFirst: SchedulerStrategy = {
  name: "shortest-first",
  rules: { between: SHORTEST, inside: SHORTEST },
  place: ({ expectedMs }) => ({
    flow: "all",
    order: expectedMs,
    costMs: Math.max(1, expectedMs),
    weight: 1,
    groups: [],
  }),
};

/** Runs an agent as a function inside the bot. For work that is quick, needs no secrets and cannot hang. */
const functionRuntime: AgentRuntime = {
  kind: "function",
  run: async (order, onProgress, signal) => {
    const words = await countWords(order, (done, total) => onProgress({ done, total, text: null }), signal);
    await writeFile(join(order.artifactFolder, "words.json"), `${JSON.stringify({ words })}\n`);
    return {
      exitCode: 0,
      signal: null,
      stopped: signal.aborted ? "canceled" : null,
      durationMs: 0,
      done: true,
      facts: { words },
      findings: [],
      unavailable: [],
      artifacts: [],
      rejectedReports: 0,
      outputTail: `${words} words`,
    };
  },
};

async function countWords(
  { cwd }: WorkerOrder,
  onCounted: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".md"));
  let words = 0;
  for (const [at, file] of files.entries()) {
    signal.throwIfAborted();
    const text = await readFile(join(file.parentPath, file.name), "utf8");
    words += text.split(/\s+/u).filter((word) => word !== "").length;
    onCounted(at + 1, files.length);
  }
  return words;
}

/** Everything that a plugin can do: a strategy, a runtime, a macro with its agent, and a listener. */
export const plugin: Plugin = {
  name: "word-count",
  register: (host) => {
    host.addStrategy(shortestFirst);
    host.addRuntime(functionRuntime);
    host.addConfigFolder(join(import.meta.dirname, "config"));
    host.on("run.changed", ({ document, event }) => {
      if (event.kind === "run.started") host.log.info({ run: document.run.runId }, "a run has started");
    });
  },
};
