import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRunFiles } from "../../../adapters/engine/embedded/run-files.ts";
import type { RunFiles } from "../../../src/ports.ts";

const RUN = "run_aaaaaaaa";

describe("files of a run", () => {
  let root: string;
  let files: RunFiles;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "coxswain-files-"));
    files = createRunFiles(root);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const at = (...names: string[]): string => join(root, "runs", RUN, ...names);
  const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");

  it("are written with hash and size, and read back", async () => {
    const artifact = await files.writeArtifact(RUN, "artifacts/report/报告.md", "健康 ✓\n");
    expect(artifact).toEqual({ path: "artifacts/report/报告.md", sha256: sha256("健康 ✓\n"), bytes: 11 });
    expect((await files.readArtifact(RUN, artifact.path))?.toString()).toBe("健康 ✓\n");
    expect(files.folderOf(RUN)).toBe(at());
    expect(await readdir(at())).toEqual(["artifacts"]);
  });

  it("are found in the middle of the run's move to the archive", async () => {
    const artifact = await files.writeArtifact(RUN, "artifacts/report.md", "report");
    await mkdir(join(root, "archive"));
    await symlink("../archive/moved", join(root, "runs", `.${RUN}.link`));
    await rename(at(), join(root, "archive", "moved"));
    expect((await files.readArtifact(RUN, artifact.path))?.toString()).toBe("report");
  });

  it("are undefined where there are none", async () => {
    expect(await files.readArtifact(RUN, "artifacts/nothing.md")).toBeUndefined();
    expect(await files.sealArtifacts(RUN, "nothing")).toEqual([]);
  });

  it("are sealed as the worker left them, in folders too", async () => {
    const folder = await files.artifactFolder(RUN, "history");
    expect(folder).toBe(at("artifacts", "history"));
    await mkdir(join(folder, "deep", "empty"), { recursive: true });
    await writeFile(join(folder, "z.txt"), "z");
    await writeFile(join(folder, "deep", "a.txt"), "");
    expect(await files.sealArtifacts(RUN, "history")).toEqual([
      { path: "artifacts/history/deep/a.txt", sha256: sha256(""), bytes: 0 },
      { path: "artifacts/history/z.txt", sha256: sha256("z"), bytes: 1 },
    ]);
  });

  it("are never reached through a symbolic link", async () => {
    const secret = join(root, "secret");
    await mkdir(secret);
    await writeFile(join(secret, "key"), "secret");
    const refused = { code: "run_files.not_a_plain_file" };
    const folder = await files.artifactFolder(RUN, "history");
    await symlink(secret, join(folder, "link"));
    await expect(files.sealArtifacts(RUN, "history")).rejects.toMatchObject(refused);
    await expect(files.readArtifact(RUN, "artifacts/history/link/key")).rejects.toMatchObject(refused);
    await expect(files.writeArtifact(RUN, "artifacts/history/link/new", "x")).rejects.toMatchObject(refused);
    await symlink(secret, at("artifacts", "whole"));
    await expect(files.sealArtifacts(RUN, "whole")).rejects.toMatchObject(refused);
    await expect(files.artifactFolder(RUN, "whole")).rejects.toMatchObject(refused);
    await symlink(join(secret, "key"), at("artifacts", "file"));
    await expect(files.readArtifact(RUN, "artifacts/file")).rejects.toMatchObject(refused);
    expect(await readdir(secret)).toEqual(["key"]);
  });

  it.each(["", ".", "..", "../other/run.json", "/etc/passwd", "a//b", "a/../../b", "a\\b", "a\0b"])(
    "are never outside of the run: %j",
    async (name) => {
      const refused = { code: "run_files.bad_name" };
      await expect(files.writeArtifact(RUN, name, "x")).rejects.toMatchObject(refused);
      await expect(files.readArtifact(RUN, name)).rejects.toMatchObject(refused);
      await expect(files.artifactFolder(RUN, name)).rejects.toMatchObject(refused);
      await expect(files.project(RUN, { [name]: "x" }, {})).rejects.toMatchObject(refused);
    },
  );

  it("are not the engine's own", async () => {
    await expect(files.writeArtifact(RUN, "run.json", "{}")).rejects.toMatchObject({ code: "run_files.bad_name" });
    await expect(files.project(RUN, {}, { "operations.json": "{}" })).rejects.toMatchObject({
      code: "run_files.bad_name",
    });
  });

  describe("that are projected", () => {
    const inode = async (path: string): Promise<number> => (await stat(path)).ino;

    it("stand in the run's folder and in the root, and nothing half written stays", async () => {
      await files.project(
        RUN,
        { "status.json": "1", "spine/spine-state.json": "2" },
        { "active-run.json": "3", "spine/spine-state.json": "4" },
      );
      expect(await readFile(at("status.json"), "utf8")).toBe("1");
      expect(await readFile(at("spine", "spine-state.json"), "utf8")).toBe("2");
      expect(await readFile(join(root, "active-run.json"), "utf8")).toBe("3");
      expect(await readFile(join(root, "spine", "spine-state.json"), "utf8")).toBe("4");
      expect((await readdir(root, { recursive: true })).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    });

    it("follow a run that is just being moved, and make no folder in its place", async () => {
      const target = join(root, "archive", "2026-11", RUN);
      await mkdir(target, { recursive: true });
      await mkdir(join(root, "runs"), { recursive: true });
      await symlink(target, join(root, "runs", `.${RUN}.link`));
      await files.project(RUN, { "status.json": "1" }, {});
      expect(await readFile(join(target, "status.json"), "utf8")).toBe("1");
      expect(await readdir(join(root, "runs"))).toEqual([`.${RUN}.link`]);
    });

    it("are left alone while their content stays the same", async () => {
      await files.project(RUN, { "status.json": "1", "other.json": "1" }, {});
      const before = [await inode(at("status.json")), await inode(at("other.json"))];
      await files.project(RUN, { "status.json": "1", "other.json": "2" }, {});
      expect(await inode(at("status.json"))).toBe(before[0]);
      expect(await inode(at("other.json"))).not.toBe(before[1]);
    });

    it("show the newest state, however many are on their way", async () => {
      const runs = Array.from({ length: 30 }, (_, n) => `run_${String(n % 3).padStart(8, "0")}`);
      await Promise.all(
        runs.map((run, n) => files.project(run, { "status.json": `${n}` }, { "active-run.json": `${n}` })),
      );
      expect(await readFile(join(root, "active-run.json"), "utf8")).toBe("29");
      expect(await readFile(join(root, "runs", "run_00000002", "status.json"), "utf8")).toBe("29");
      expect(await readFile(join(root, "runs", "run_00000000", "status.json"), "utf8")).toBe("27");
    });

    it("are written again after a failure", async () => {
      await mkdir(at("status.json", "in-the-way"), { recursive: true });
      await expect(files.project(RUN, { "status.json": "1" }, {})).rejects.toThrow("EISDIR");
      await rm(at("status.json"), { recursive: true });
      await files.project(RUN, { "status.json": "1" }, {});
      expect(await readFile(at("status.json"), "utf8")).toBe("1");
    });
  });
});
