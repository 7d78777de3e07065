import type { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import { InputError } from "../../src/errors.ts";
import type { SealedChange, Workspace } from "../../src/ports.ts";
import { EVIDENCE } from "../fixtures/run-events.ts";

export interface FakeWorkspace extends Workspace {
  readonly closed: string[];
  readonly kept: Map<string, string>;
  readonly opened: string[];
  readonly searched: string[];
  /** Branches of the workspace's repository, with their commits. */
  readonly branches: Map<string, string>;
  readonly script: {
    /** What workers change in their copies. */
    change?: SealedChange;
    /** Called when a branch is to be made; what it returns is thrown. */
    onKeep?: () => Error | undefined | Promise<Error | undefined>;
  };
}

/** A workspace of three files that nobody changes. */
export function createFakeWorkspace(evidence: Partial<WorkspaceEvidence> = {}): FakeWorkspace {
  const seen: WorkspaceEvidence = { ...EVIDENCE, ...evidence };
  const closed: string[] = [];
  const opened: string[] = [];
  const searched: string[] = [];
  const kept = new Map<string, string>();
  const branches = new Map<string, string>();
  const script: FakeWorkspace["script"] = {};
  return {
    branches,
    script,
    closed,
    opened,
    searched,
    kept,
    isFolder: async (folder) => folder !== "/nowhere",
    isInsideGit: async (folder) => folder.endsWith("/bare.git"),
    inspect: async () => seen,
    search: async (_folder, text) => {
      searched.push(text);
      const matches = [{ path: "src/a.ts", line: 3, sha256: "a".repeat(64), excerpt: `the ${text} stands here` }];
      const found = text === "nowhere" ? [] : matches;
      return { text, command: null, matches: found, total: found.length, cut: false };
    },
    fingerprint: async () => seen.fingerprint,
    open: async (runId, name, _folder, revision) => {
      opened.push(name);
      return { root: `/copies/${runId}/${name}`, revision };
    },
    lines: async () => ["first line", "second line"],
    keep: async (folder, name, content) => {
      kept.set(name, content);
      return `${folder}/${name}`;
    },
    seal: async () => script.change,
    keepBranch: async (_runId, _name, _folder, { branch, commit }) => {
      const refusal = await script.onKeep?.();
      if (refusal !== undefined) throw refusal;
      if ((branches.get(branch) ?? commit) !== commit) throw new InputError("workspace.branch_exists", branch);
      branches.set(branch, commit);
    },
    close: async (runId) => {
      closed.push(runId);
    },
  } satisfies FakeWorkspace;
}
