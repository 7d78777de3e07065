import type { ResolvedSettings } from "../../src/config.ts";
import type { CliWorld, PromptedAnswers, WorkspacePolicy } from "../../src/cli/world.ts";
import type { AuditHead } from "../../src/contracts/audit.ts";
import type { SetAside } from "../../src/contracts/view.ts";
import type { Macro } from "../../src/contracts/macro.ts";
import { createFakeSession, type FakeSession } from "./fake-session.ts";

export interface FakeWorld extends CliWorld {
  readonly session: FakeSession;
  /** Everything written so far. */
  readonly written: { out: string; err: string };
  readonly lines: () => Record<string, unknown>[];
  interrupt(): void;
  /** Which settings a session was opened with. */
  readonly opened: ResolvedSettings[];
  readonly prompted: string[];
}

interface FakeWorldOptions {
  readonly environment?: Record<string, string>;
  readonly files?: Record<string, string>;
  /** A folder that is not there. */
  readonly missing?: string;
  /** A bare repository. */
  readonly bare?: string;
  readonly isTerminal?: boolean;
  readonly session?: FakeSession;
  readonly bot?: boolean;
  readonly macros?: readonly Macro[];
  readonly policy?: WorkspacePolicy;
  readonly trails?: Record<string, { lines: string[]; head: AuditHead | undefined }>;
  readonly aside?: readonly SetAside[];
  readonly prompt?: (refused?: PromptedAnswers) => PromptedAnswers | undefined;
}

/** The world of one call of the program, in memory. */
export function createFakeWorld(argv: readonly string[], options: FakeWorldOptions = {}): FakeWorld {
  const session = options.session ?? createFakeSession({ owner: !options.bot });
  const written = { out: "", err: "" };
  const interrupts = new Set<() => void>();
  const opened: ResolvedSettings[] = [];
  const prompted: string[] = [];
  let ids = 0;
  return {
    argv,
    environment: options.environment ?? {},
    cwd: "/srv/bot",
    home: "/opt/coxswain",
    version: "0.1.0",
    cpus: 2,
    user: "alice",
    isTerminal: options.isTerminal ?? false,
    terminal: {
      openNotice: () => ({
        update: (notice) => {
          written.out += `${notice.lines.map((line) => line.value).join(" ")}\n`;
        },
        progress: () => {},
        end: () => {},
      }),
      promptDecision: async (card, refused) => {
        prompted.push(card.decisionId);
        return options.prompt?.(refused);
      },
      renderCard: (card) => `<${card.kind} card>`,
    },
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    readText: (path) => options.files?.[path],
    isFolder: (path) => path !== options.missing,
    isInsideGit: async (folder) => folder === options.bare,
    newId: () => `cmd_${(ids += 1)}`,
    open: async (settings) => {
      opened.push(settings);
      return session;
    },
    macros: async () => options.macros ?? [],
    discord: async () => undefined,
    policy: async () => options.policy ?? { policy: { rules: [], context: [] }, revision: null, gaps: [] },
    auditTrail: async (_, runId) => options.trails?.[runId],
    setAside: async (_root, runId) => options.aside?.find(({ name }) => name === runId),
    auditTrails: async () => Object.keys(options.trails ?? {}),
    doctor: async () => [
      { id: "node", state: "ok", text: { kind: "raw", raw: "Node 24" }, mend: null },
      { id: "git", state: "fail", text: { kind: "raw", raw: "no git" }, mend: { kind: "raw", raw: "install git" } },
    ],
    onInterrupt: (listener) => {
      interrupts.add(listener);
      return () => interrupts.delete(listener);
    },
    session,
    written,
    lines: () =>
      written.out
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    interrupt: () => {
      for (const listener of interrupts) listener();
    },
    opened,
    prompted,
  } satisfies FakeWorld;
}
