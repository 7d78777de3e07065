import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import type { Workspace } from "../../src/ports.ts";
import { emptyFolder, nodeRepository, type FolderFixture } from "../fixtures/repositories.ts";

const never = new AbortController().signal;
const RUN = "run_4k2m9x7q1b";

/** The fixture, removed when the test has finished. */
export async function forThisTest(fixture: Promise<FolderFixture>): Promise<FolderFixture> {
  const made = await fixture;
  onTestFinished(() => made.remove());
  return made;
}

/** What every workspace holds to. `create` makes one that keeps its copies in the folder given. */
export function describeWorkspaceContract(name: string, create: (root: string) => Workspace): void {
  const setUp = async (fixture: Promise<FolderFixture> = nodeRepository()) => ({
    workspace: create((await forThisTest(emptyFolder())).folder),
    fixture: await forThisTest(fixture),
  });

  describe(`${name} as a workspace`, () => {
    it("gives evidence that holds to its contract", async () => {
      const { workspace, fixture } = await setUp();
      const evidence = await workspace.inspect(fixture.folder, never);
      expect(WorkspaceEvidence.parse(evidence)).toEqual(evidence);
      expect(evidence.root).toBe(fixture.folder);
    });

    it("takes the fingerprint that the evidence names, until something changes", async () => {
      const { workspace, fixture } = await setUp();
      const { fingerprint } = await workspace.inspect(fixture.folder, never);
      expect(await workspace.fingerprint(fixture.folder, never)).toBe(fingerprint);
      await fixture.write("src/sum.js", "changed");
      expect(await workspace.fingerprint(fixture.folder, never)).not.toBe(fingerprint);
    });

    it("refuses a folder that is not there", async () => {
      const { workspace } = await setUp();
      await expect(workspace.inspect("/no/such/folder", never)).rejects.toMatchObject({ name: "InputError" });
    });

    it("opens a copy that can be changed without the workspace noticing", async () => {
      const { workspace, fixture } = await setUp();
      const { revision, fingerprint } = await workspace.inspect(fixture.folder, never);
      const copy = await workspace.open(RUN, "lane", fixture.folder, revision, never);
      expect(await readFile(join(copy.root, "src/sum.js"), "utf8")).toContain("export const sum");
      await writeFile(join(copy.root, "src/sum.js"), "changed");
      expect(await workspace.fingerprint(fixture.folder, never)).toBe(fingerprint);
    });

    it("finds a copy again, with what was done in it", async () => {
      const { workspace, fixture } = await setUp();
      const { revision } = await workspace.inspect(fixture.folder, never);
      const copy = await workspace.open(RUN, "lane", fixture.folder, revision, never);
      await writeFile(join(copy.root, "new.txt"), "done");
      expect(await workspace.open(RUN, "lane", fixture.folder, revision, never)).toEqual(copy);
      expect(await workspace.lines(copy, "new.txt")).toEqual(["done"]);
    });

    it("opens the same copy once, though it is asked twice at a time", async () => {
      const { workspace, fixture } = await setUp();
      const { revision } = await workspace.inspect(fixture.folder, never);
      const opened = [1, 2, 3].map(() => workspace.open(RUN, "lane", fixture.folder, revision, never));
      const [first, ...others] = await Promise.all(opened);
      expect(others).toEqual([first, first]);
    });

    it("reads lines of text files in the copy, and of nothing else", async () => {
      const { workspace, fixture } = await setUp();
      const copy = await workspace.open(RUN, "lane", fixture.folder, null, never);
      await writeFile(join(copy.root, "lines.txt"), "one\r\ntwo\n\nfour");
      await writeFile(join(copy.root, "binary"), Buffer.from([1, 0, 2]));
      await writeFile(join(copy.root, "latin1.txt"), Buffer.from([0xe9, 0x0a]));
      await writeFile(join(copy.root, "large.txt"), "x".repeat(5_000_001));
      await symlink("/etc/passwd", join(copy.root, "leads-out"));
      await symlink("lines.txt", join(copy.root, "stays"));
      expect(await workspace.lines(copy, "lines.txt")).toEqual(["one", "two", "", "four"]);
      expect(await workspace.lines(copy, "stays")).toEqual(["one", "two", "", "four"]);
      for (const path of [
        "binary",
        "latin1.txt",
        "large.txt",
        "leads-out",
        "../../../etc/passwd",
        "/etc/passwd",
        "src",
        "no",
      ]) {
        expect({ path, lines: await workspace.lines(copy, path) }).toEqual({ path, lines: undefined });
      }
    });

    it("keeps a new file in the workspace, and never overwrites one", async () => {
      const { workspace, fixture } = await setUp();
      const path = await workspace.keep(fixture.folder, "report one.md", "# Report\n");
      expect(path).toBe(join(fixture.folder, "report one.md"));
      expect(await readFile(path, "utf8")).toBe("# Report\n");
      await expect(workspace.keep(fixture.folder, "report one.md", "other")).rejects.toMatchObject({
        code: "workspace.file_exists",
      });
      expect(await readFile(path, "utf8")).toBe("# Report\n");
    });

    it.each(["../out.md", "a/b.md", "/tmp/out.md", ".git", "..", "", "a\nb", "a\0b"])(
      "keeps no file called %j",
      async (name) => {
        const { workspace, fixture } = await setUp(emptyFolder());
        await expect(workspace.keep(fixture.folder, name, "")).rejects.toMatchObject({
          code: "workspace.name_not_plain",
        });
      },
    );

    it("removes all copies of a run, and those of no other", async () => {
      const { workspace, fixture } = await setUp();
      const mine = await workspace.open(RUN, "a", fixture.folder, null, never);
      const mineToo = await workspace.open(RUN, "b", fixture.folder, null, never);
      const other = await workspace.open("run_0000000000", "a", fixture.folder, null, never);
      await mkdir(join(mine.root, "locked"));
      await writeFile(join(mine.root, "locked", "file"), "", { mode: 0o400 });
      await chmod(join(mine.root, "locked"), 0o500);
      await workspace.close(RUN);
      expect([mine, mineToo, other].map(({ root }) => existsSync(root))).toEqual([false, false, true]);
      await workspace.close(RUN);
    });
  });
}
