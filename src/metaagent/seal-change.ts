import type { WorkspaceChange } from "../contracts/change.ts";
import type { WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import { isViolation } from "../contracts/policy.ts";
import type { Run } from "../contracts/run.ts";
import { raw } from "../contracts/text.ts";
import { translatorFor } from "../i18n.ts";
import { judgeLaneChange } from "../spine/policy-check.ts";
import { evidenceRevision } from "./copies.ts";
import type { Control } from "./deps.ts";

const PATCH = "change.patch";
/** What a card can show; the patch file has all of it. */
const PREVIEW_LINES = 60;
const PREVIEW_COLUMNS = 200;

/**
 * Seals what a lane changed in its copy, and leaves the patch among its artifacts. Undefined where the lane keeps
 * nothing, or changed nothing. Nothing leaves the copy here, and where a rule forbids a file of it, the patch is withheld.
 */
export async function sealChange(
  control: Control,
  run: Run,
  packet: WorkerTaskPacket,
  { copy, namespace, signal }: { copy: string; namespace: string; signal: AbortSignal },
): Promise<WorkspaceChange | undefined> {
  const revision = evidenceRevision(run);
  if (packet.keeps === undefined || revision === null) return undefined;
  const sealed = await control.workspace.seal(
    run.runId,
    copy,
    run.task.workspace,
    { revision, message: messageOf(run, packet), at: control.clock.now() },
    signal,
  );
  if (sealed === undefined) return undefined;
  const { patch, ...what } = sealed;
  // What a rule forbids to leave stays out of what people and other workers are shown (M6).
  const forbidden = judgeLaneChange(run, packet, control.policyFor, what).some(
    (verdict) => verdict.kind !== "require_command" && isViolation(verdict),
  );
  const place = forbidden ? "withheld" : "artifacts";
  const artifact = await control.files.writeArtifact(run.runId, `${place}/${namespace}/${PATCH}`, patch);
  const lines = patch.replace(/\n$/, "").split("\n");
  return {
    ...what,
    patch: artifact.path,
    ...(forbidden ? { withheld: { sha256: artifact.sha256, bytes: artifact.bytes } } : {}),
    patchLines: lines.length,
    preview: lines
      .slice(0, forbidden ? 0 : PREVIEW_LINES)
      .map((line) => (line.length > PREVIEW_COLUMNS ? `${line.slice(0, PREVIEW_COLUMNS - 1)}…` : line)),
  };
}

/** In English, as commit messages of tools are. */
function messageOf(run: Run, packet: WorkerTaskPacket): string {
  const title = translatorFor("en").say(packet.title ?? raw(packet.laneId));
  return `${title}\n\nMade by Coxswain in ${run.runId}, and kept by permission.\n`;
}
