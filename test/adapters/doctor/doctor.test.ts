import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkMachine, type DoctorInput } from "../../../adapters/doctor/doctor.ts";
import { AgentCard } from "../../../src/contracts/agent.ts";
import { translatorFor } from "../../../src/i18n.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "coxswain-doctor-"));
});
afterEach(() => rm(folder, { recursive: true }));

function agent(program: string): AgentCard {
  return AgentCard.parse({
    id: "helper",
    title: { en: "Helper" },
    capabilities: ["help out"],
    runtime: "command",
    argv: [program],
  });
}

async function failing(change: Partial<DoctorInput> = {}): Promise<Record<string, string>> {
  const checks = await checkMachine({
    configProblems: [],
    stateRoot: join(folder, "state"),
    makeFolder: async (path) => void (await mkdir(path, { recursive: true })),
    loadCatalog: async () => ({
      macros: [],
      agents: [agent("{node}"), agent("git")],
      capabilityLayers: [],
      policyRules: [],
    }),
    owner: async () => undefined,
    shippedFile: new URL("../../../package.json", import.meta.url).pathname,
    nodeVersion: process.versions.node,
    path: process.env["PATH"] ?? "",
    now: Date.now(),
    ...change,
  });
  const words = translatorFor("en");
  for (const check of checks) expect(check.mend === null).toBe(check.state === "ok");
  const bad = checks.filter((check) => check.state !== "ok");
  return Object.fromEntries(bad.map(({ id, state, text }) => [id, `${state}: ${words.say(text)}`]));
}

test("a machine that has what is needed passes every check", async () => {
  await expect(failing()).resolves.toEqual({});
});

test("an old Node, a clock in the past and a missing program are found", async () => {
  const loadCatalog = async () => ({
    macros: [],
    agents: [agent("no-such-program")],
    capabilityLayers: [],
    policyRules: [],
  });
  await expect(failing({ nodeVersion: "20.19.2", now: 0, loadCatalog })).resolves.toEqual({
    node: "fail: Node 20.19.2",
    clock: "warn: The clock says 1970-01-01T00:00:00.000Z",
    program: "warn: The agent helper needs the program no-such-program, which was not found",
  });
});

test("a state root that cannot be written fails, with the reason", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  const checks = await failing({ stateRoot: join(file, "state") });
  expect(checks["state_root"]).toMatch(/^fail: .* cannot be written: .*ENOTDIR/);
});

test("problems of configuration and catalog are named, and nothing is guessed where no root is known", async () => {
  const configProblems = ["coxswain.yaml:1:1: slots"];
  const checks = await failing({ configProblems, stateRoot: undefined, loadCatalog: undefined });
  expect(checks).toEqual({ config: "fail: coxswain.yaml:1:1: slots" });
  const loadCatalog = async () => {
    throw new Error("macros/x.yaml:3:1: id");
  };
  await expect(failing({ loadCatalog })).resolves.toEqual({ catalog: "fail: macros/x.yaml:3:1: id" });
});

test("an owner of another version that does not understand us fails", async () => {
  const owner = async () => {
    throw new Error("The bot speaks protocol 7");
  };
  await expect(failing({ owner })).resolves.toEqual({ owner: "fail: The bot speaks protocol 7" });
});
