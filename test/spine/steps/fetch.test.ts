import { beforeAll, expect, test } from "vitest";
import type { Catalog } from "../../../src/spine/step.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { RICH, shippedCatalog, walk } from "../../fakes/spine-walk.ts";

let catalog: Catalog;
beforeAll(async () => {
  catalog = await shippedCatalog();
});

test("every lane finds its owner by what it needs, never by name", () => {
  const { packets } = walk({ catalog });
  const owners = packets.contentEvidencePacket?.capabilitySearches.map((search) => [search.laneId, search.selected]);
  expect(owners).toEqual([
    ["history", "repository-historian"],
    ["dependencies", "dependency-inspector"],
    ["tests", "test-runner"],
    ["documentation", "documentation-reviewer"],
    ["secrets", "secret-scanner"],
    ["size", "size-surveyor"],
  ]);
  expect(packets.fetchRecord?.capabilityMatches.some((match) => match.score === 3)).toBe(true);
});

test("an agent under another name is found just the same", () => {
  const rename = (id: string) => (id === "secret-scanner" ? "leak-hunter" : id);
  const renamed: Catalog = {
    macros: catalog.macros,
    agents: catalog.agents.map((agent) => ({ ...agent, id: rename(agent.id) })),
    capabilityLayers: [],
    policyRules: [],
  };
  const { packets } = walk({ catalog: renamed });
  const secrets = packets.contentEvidencePacket?.capabilitySearches.find((search) => search.laneId === "secrets");
  expect(secrets?.selected).toBe("leak-hunter");
});

test("the workspace's own capability index informs and routes nothing; an invalid one is a gap", () => {
  const entry = { owner: "size-surveyor", kind: "agent", capability: "find secrets in files", keywords: [] };
  const tool = { owner: "gitleaks", kind: "tool", capability: "find secrets in files", keywords: [] };
  const index = { schemaVersion: 1, capabilities: [entry, tool] };
  const evidence = {
    ...RICH,
    capabilityMirrors: [
      { path: ".cursor/index.json", text: JSON.stringify(index) },
      { path: ".codex/index.json", text: "{" },
      { path: ".claude/index.json", text: "[]" },
    ],
  };
  const packet = walk({ catalog, evidence }).packets.contentEvidencePacket;
  const secrets = packet?.capabilitySearches.find((search) => search.laneId === "secrets");
  expect(secrets?.selected).toBe("secret-scanner");
  expect(secrets?.layersSearched).toEqual(["canonical", "workspace: .cursor/index.json", "agent cards"]);
  expect(secrets?.matches.some((match) => match.layer.startsWith("workspace") && match.score === 3)).toBe(true);
  expect(packet?.workspace.gaps).toHaveLength(2);
});

test("two owners that claim the same are recorded, and the smaller one is taken", () => {
  const scanner = catalog.agents.find((agent) => agent.id === "secret-scanner");
  if (scanner === undefined) throw new Error("no scanner");
  const wide = { ...scanner, id: "all-rounder", capabilities: [...scanner.capabilities, "paint walls"] };
  const { packets } = walk({ catalog: { ...catalog, capabilityLayers: [], agents: [wide, ...catalog.agents] } });
  const secrets = packets.contentEvidencePacket?.capabilitySearches.find((search) => search.laneId === "secrets");
  expect(secrets?.selected).toBe("secret-scanner");
  expect(secrets?.overlap).toEqual(["secret-scanner", "all-rounder"]);
});

test("all the agents that Fetch needs have run, each with its duty", () => {
  const ran = walk({ catalog }).invocations.filter((entry) => entry.stage === "fetch");
  expect(ran.map((entry) => entry.agent)).toEqual([
    "meta-conductor",
    "meta-scout",
    "meta-artisan",
    "meta-librarian",
    "meta-prism",
    "meta-warden",
  ]);
});

test("research is left out with its reason; facts of a registry are the work of a lane", () => {
  const local = walk({ catalog }).packets;
  expect(local.fetchRecord?.researchRequired).toBe(false);
  expect(local.contentEvidencePacket?.researchSkipReason).toContain("files of the workspace alone");
  expect(local.contentEvidencePacket?.researchCapabilityDiscovery).toBeNull();

  const goal = "check the health of this repository, outdated packages too";
  const registry = walk({ catalog, task: { goal } }).packets.contentEvidencePacket;
  expect(registry?.researchSkipReason).toContain("dependencies");
  expect(registry?.researchCapabilityDiscovery?.map((entry) => entry.status)).toContain("available");
});

test("an empty workspace is not enough to plan on: it is refused with what would help", () => {
  const run = walk({ catalog, evidence: { ...RICH, trackedFiles: 0 } });
  expect(run).toMatchObject({ stage: "fetch", status: { kind: "refused", reason: { key: "refusal.no_files" } } });
  expect(run.decisions).toEqual([]);
});

test("what earlier runs cost is remembered", () => {
  const costs = { "repository-health/tests": { meanMs: 90_000, samples: 4 } };
  const packet = walk({ catalog, costs }).packets.contentEvidencePacket;
  expect(packet?.memory).toEqual(["tests: 90000 ms on average over 4 runs"]);
});

test("where nobody offers what the work needs, the refusal names the need and what to do", () => {
  const macros = catalog.macros.map((macro) => ({
    ...macro,
    lanes: macro.lanes
      .slice(0, 1)
      .map((lane) => ({ ...lane, when: {}, need: "find misspelt words", keywords: ["misspelt"] })),
  }));
  const { status } = walk({ catalog: { ...catalog, macros } });
  expect(status.kind === "refused" ? translatorFor("en").say(status.reason) : status.kind).toBe(
    "Nobody here can do what this needs: “find misspelt words” (Change history). Add an agent that names this capability word by word to config/agents, or give the lane a command in place of its need. The console lists what each agent can do under “Agents and macros”.",
  );
});
