import type { ReviewPacket } from "../contracts/packets/closing.ts";
import type { Run } from "../contracts/run.ts";
import { counted } from "../contracts/text.ts";
import { unbackedClaims } from "../governance/prism.ts";
import { succeededLanes } from "./lane-checks.ts";

type Principle = ReviewPacket["designPrinciples"][number];

/** The design principles that can be checked on the work itself (G34); each says what was looked at. */
export function keptPrinciples(run: Run): Principle[] {
  const packets = run.packets.workerTaskPackets ?? [];
  const lanes = succeededLanes(run);
  const undeclared = packets.filter(
    (packet) => packet.verifySteps.length === 0 || packet.designPrinciples.length === 0,
  );
  const foreign = lanes.flatMap((lane) =>
    lane.result.findings
      .filter((finding) => !finding.code.startsWith(`${lane.laneId}.`))
      .map((finding) => finding.code),
  );
  const namespaces = new Set(packets.map((packet) => packet.artifactNamespace));
  const unbacked = lanes.flatMap((lane) =>
    unbackedClaims(lane.result.findings.map(({ code, evidence }) => ({ id: code, evidence }))),
  );
  const untranslated = lanes.flatMap((lane) => lane.result.findings.filter((finding) => finding.text.kind === "raw"));
  return [
    principle("Evidence", unbacked.length === 0, `${counted(unbacked.length, "finding")} without evidence`),
    principle(
      "Explicitness",
      undeclared.length === 0,
      `${packets.length - undeclared.length} of ${packets.length} assignments say how they are checked`,
    ),
    principle(
      "Normalization",
      foreign.length === 0,
      foreign.length === 0
        ? "every finding is named after its lane"
        : `foreign codes: ${foreign.slice(0, 5).join(", ")}`,
    ),
    principle(
      "Layering",
      namespaces.size === packets.length,
      `${namespaces.size} artifact folders for ${packets.length} workers`,
    ),
    principle(
      "i18n",
      untranslated.length === 0,
      `${counted(untranslated.length, "finding")} as raw text in one language`,
    ),
  ];
}

function principle(name: string, kept: boolean, detail: string): Principle {
  return { principle: name, kept, detail };
}
