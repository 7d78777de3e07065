import type { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import type { Workspace } from "../../src/ports.ts";
import { EVIDENCE } from "../fixtures/run-events.ts";

export interface FakeWorkspace extends Workspace {
  readonly closed: string[];
  readonly kept: Map<string, string>;
  readonly opened: string[];
}

/** A workspace of three files that nobody changes. */
export function createFakeWorkspace(evidence: Partial<WorkspaceEvidence> = {}): FakeWorkspace {
  const seen: WorkspaceEvidence = { ...EVIDENCE, ...evidence };
  const closed: string[] = [];
  const opened: string[] = [];
  const kept = new Map<string, string>();
  return {
    closed,
    opened,
    kept,
    inspect: async () => seen,
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
    close: async (runId) => {
      closed.push(runId);
    },
  } satisfies FakeWorkspace;
}
