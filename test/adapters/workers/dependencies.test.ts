import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { places, repository, runLane, wrongPlaces } from "./lane.ts";

const MANIFEST = `{
  "name": "x",
  "private": true,
  "dependencies": {
    "left": "^1.0.0",
    "any": "*",
    "typescript": "^5.0.0",
    "fork": "git+https://user:pass@example.org/fork.git"
  },
  "devDependencies": {
    "left": "^1.0.0"
  }
}
`;
const LOCK = JSON.stringify(
  {
    name: "x",
    lockfileVersion: 3,
    packages: {
      "": {
        dependencies: {
          left: "^0.9.0",
          any: "*",
          typescript: "^5.0.0",
          fork: "git+https://user:pass@example.org/fork.git",
        },
        devDependencies: { left: "^1.0.0", old: "^1.0.0" },
      },
      "node_modules/left": { version: "1.0.0" },
    },
  },
  null,
  2,
);

test("what is unpinned, misplaced or out of step is found in its line", async () => {
  const folder = await repository({ "package.json": MANIFEST, "package-lock.json": LOCK });
  const outcome = await runLane("dependencies", folder);
  expect(outcome).toMatchObject({ exitCode: 0, done: true, unavailable: ["dependencies.network_not_allowed"] });
  expect(places(outcome)).toEqual([
    "dependencies.listed_twice package.json:11",
    "dependencies.lock_out_of_step package.json:1",
    "dependencies.lock_out_of_step package.json:5",
    "dependencies.unpinned package.json:6",
    "dependencies.unpinned package.json:8",
    "dependencies.wrong_place package.json:7",
  ]);
  expect(await wrongPlaces(folder, outcome)).toEqual([]);
  expect(outcome.output).not.toContain("user:pass");
});

test("a package may be called like what every object has", async () => {
  const devDependencies = { constructor: "^1.0.0" };
  const lock = { lockfileVersion: 3, packages: { "": { dependencies: { valueOf: "^1.0.0" } } } };
  const folder = await repository({
    "package.json": JSON.stringify({ name: "x", devDependencies }),
    "package-lock.json": JSON.stringify(lock),
  });
  const outcome = await runLane("dependencies", folder);
  expect(outcome.findings).toMatchObject([
    { code: "dependencies.lock_out_of_step", text: { params: { name: "valueOf" } } },
    { code: "dependencies.lock_out_of_step", text: { params: { name: "constructor" } } },
  ]);
});

test("a manifest without a lock file is a finding, and other ecosystems say what was not checked", async () => {
  const folder = await repository({
    "package.json": '{"dependencies":{"left":"^1.0.0"}}',
    "tools/package.json": '{"name":"nothing-declared"}',
    "go/go.mod": "module x\n\nrequire y v1.0.0\n",
    "test/fixtures/package.json": '{"dependencies":{"left":"*"}}',
    "broken/package.json": "{",
  });
  const outcome = await runLane("dependencies", folder);
  expect(places(outcome)).toEqual([
    "dependencies.lock_missing go/go.mod:1",
    "dependencies.lock_missing package.json:1",
    "dependencies.manifest_invalid broken/package.json:1",
  ]);
  expect(outcome.unavailable).toEqual(["dependencies.ecosystem_not_covered"]);
  expect(outcome.facts).toMatchObject({ manifests: 4, manifestsLeftAside: 1 });
});

test("no manifest at all is said", async () => {
  const outcome = await runLane("dependencies", await repository({ "a.txt": "x" }));
  expect(outcome).toMatchObject({ exitCode: 0, findings: [], unavailable: ["dependencies.no_manifest"] });
});

const SIMPLE = { name: "x", version: "1.0.0", dependencies: { left: "^1.0.0" } };
function simpleProject(registry: string): Record<string, string> {
  const packages = {
    "": SIMPLE,
    "node_modules/left": { version: "1.0.0", resolved: `${registry}left/-/left-1.0.0.tgz`, integrity: "sha512-AAAA" },
  };
  return {
    "package.json": JSON.stringify(SIMPLE, null, 2),
    "package-lock.json": JSON.stringify({ name: "x", version: "1.0.0", lockfileVersion: 3, packages }, null, 2),
    // The second line would run a program of the repository.
    ".npmrc": `registry=${registry}\ngit=./evil.sh\n`,
  };
}

async function startRegistry(): Promise<string> {
  const server: Server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url?.includes("/advisories/bulk") === true) {
      const advisory = {
        id: 1,
        url: "https://example.org/1",
        title: "Left goes right",
        severity: "high",
        vulnerable_versions: "<1.5.0",
      };
      response.end(JSON.stringify({ left: [advisory] }));
      return;
    }
    const version = (number: string) => ({
      name: "left",
      version: number,
      dist: { tarball: "http://127.0.0.1/left.tgz" },
    });
    const versions = { "1.0.0": version("1.0.0"), "2.0.0": version("2.0.0") };
    response.end(JSON.stringify({ name: "left", "dist-tags": { latest: "2.0.0" }, versions }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}/`;
}

test("what the registry knows is found: weaknesses in the lock file, newer releases in the manifest", async () => {
  const folder = await repository(simpleProject(await startRegistry()));
  const outcome = await runLane("dependencies", folder, { mayUseNetwork: true });
  expect(outcome).toMatchObject({ exitCode: 0, stderr: "", unavailable: [] });
  expect(places(outcome)).toEqual([
    "dependencies.outdated package.json:5",
    "dependencies.vulnerable_fixable package-lock.json:13",
  ]);
  expect(outcome.findings.find(({ code }) => code === "dependencies.vulnerable_fixable")?.severity).toBe("high");
  expect(await wrongPlaces(folder, outcome)).toEqual([]);
});

test("a registry that does not answer is said with its reason, and is no failure", async () => {
  const folder = await repository(simpleProject("http://127.0.0.1:1/"));
  const outcome = await runLane("dependencies", folder, { mayUseNetwork: true, timeLimitMs: 40_000 });
  expect(outcome).toMatchObject({ exitCode: 0, done: true, findings: [] });
  expect(outcome.unavailable).toEqual(["dependencies.audit", "dependencies.outdated"]);
  expect(outcome.output).toContain("ECONNREFUSED");
});
