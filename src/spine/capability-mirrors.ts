import { z } from "zod";
import { CapabilityIndex } from "../contracts/agent.ts";
import type { WorkspaceEvidence } from "../contracts/evidence.ts";
import type { Text } from "../contracts/text.ts";
import { messageOf } from "../errors.ts";
import type { CapabilityLayer } from "../governance/scout.ts";
import { keyed } from "../i18n.ts";

/** Layers that the workspace brings itself are named so; they inform, and never route work. */
const MIRROR_PREFIX = "workspace: ";

export function isMirrorLayer(layer: string): boolean {
  return layer.startsWith(MIRROR_PREFIX);
}

/** The workspace's own capability indexes. One that does not parse is a gap in the evidence, not an error. */
export function readMirrors(mirrors: WorkspaceEvidence["capabilityMirrors"]): {
  layers: CapabilityLayer[];
  gaps: Text[];
} {
  const layers: CapabilityLayer[] = [];
  const gaps: Text[] = [];
  for (const { path, text } of mirrors) {
    try {
      const index = CapabilityIndex.safeParse(JSON.parse(text));
      if (index.success) layers.push({ layer: `${MIRROR_PREFIX}${path}`, index: index.data });
      else gaps.push(keyed("gap.mirror.invalid", { path, problem: z.prettifyError(index.error).slice(0, 300) }));
    } catch (error) {
      gaps.push(keyed("gap.mirror.not_json", { path, problem: messageOf(error) }));
    }
  }
  return { layers, gaps };
}
