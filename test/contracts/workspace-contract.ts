import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { TextSearch, WorkspaceEvidence } from "../../src/contracts/evidence.ts";
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

    it("says whether there is a folder to look into", async () => {
      const { workspace, fixture } = await setUp();
      expect(await workspace.isFolder(fixture.folder)).toBe(true);
      expect(await workspace.isFolder(`${fixture.folder}/src/sum.js`)).toBe(false);
      expect(await workspace.isFolder(`${fixture.folder}/nowhere`)).toBe(false);
    });

    it("takes the fingerprint that the evidence names, until something changes", async () => {
      const { workspace, fixture } = await setUp();
      const { fingerprint } = await workspace.inspect(fixture.folder, never);
      expect(await workspace.fingerprint(fixture.folder, never)).toBe(fingerprint);
      await fixture.write("src/sum.js", "changed");
      expect(await workspace.fingerprint(fixture.folder, never)).not.toBe(fingerprint);
    });

    it("finds every line that holds a text, exactly as given, and changes nothing", async () => {
      const { workspace, fixture } = await setUp();
      await fixture.write("src/sum.js", "// a.b* [x]\nexport const sum = 1; // A.B*\r\n// again a.b*");
      await fixture.write("-e odd\nname.txt", "-a.b*-");
      await fixture.write("image.bin", Buffer.from("a.b*\0a.b*"));
      await fixture.git("add", "--all");
      const before = await workspace.fingerprint(fixture.folder, never);
      const found = await workspace.search(fixture.folder, "a.b*", never);
      expect(TextSearch.parse(found)).toEqual(found);
      expect(found.matches.map(({ path, line, excerpt }) => [path, line, excerpt])).toEqual([
        ["-e odd\nname.txt", 1, "-a.b*-"],
        ["src/sum.js", 1, "// a.b* [x]"],
        ["src/sum.js", 3, "// again a.b*"],
      ]);
      expect(found.matches[1]?.sha256).toBe(createHash("sha256").update("// a.b* [x]").digest("hex"));
      expect({ total: found.total, cut: found.cut }).toEqual({ total: 3, cut: false });
      expect(await workspace.search(fixture.folder, "--version", never)).toMatchObject({ total: 0, matches: [] });
      expect(await workspace.fingerprint(fixture.folder, never)).toBe(before);
    });

    it("keeps the first places of a text that is everywhere, counts the others, and ends at a limit", async () => {
      const { workspace, fixture } = await setUp();
      await fixture.write("src/sum.js", `${"x".repeat(5000)}needle${"x".repeat(5000)}\n${"needle\n".repeat(300)}`);
      const some = await workspace.search(fixture.folder, "needle", never);
      expect({ kept: some.matches.length, total: some.total, cut: some.cut }).toEqual({
        kept: 200,
        total: 301,
        cut: false,
      });
      expect(some.matches[0]?.excerpt).toContain("needle");
      expect(some.matches[0]?.excerpt.length).toBeLessThanOrEqual(400);
      await fixture.write("src/sum.js", "needle\n".repeat(50_000));
      expect(await workspace.search(fixture.folder, "needle", never)).toMatchObject({ total: 10_000, cut: true });
    });

    it.each(["", "two\nlines", "nul\0"])("looks up no text like %j", async (text) => {
      const { workspace, fixture } = await setUp();
      await expect(workspace.search(fixture.folder, text, never)).rejects.toMatchObject({ name: "InputError" });
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

    describe("a change that may be kept", () => {
      const NOTE = { message: "Entry\n\nMade by Coxswain.\n", at: 1_700_000_000_000 };
      const changed = async (change: (copy: string, fixture: FolderFixture) => Promise<void>) => {
        const { workspace, fixture } = await setUp();
        const { revision } = await workspace.inspect(fixture.folder, never);
        if (revision === null) throw new Error("the fixture has no commit");
        const copy = await workspace.open(RUN, "lane", fixture.folder, revision, never);
        await change(copy.root, fixture);
        const seal = () => workspace.seal(RUN, "lane", fixture.folder, { revision, ...NOTE }, never);
        const keep = (commit: string, branch = `coxswain/${RUN}`) =>
          workspace.keepBranch(RUN, "lane", fixture.folder, { branch, commit });
        return { workspace, fixture, revision, copy, seal, keep };
      };
      const write = (name: string, text: string) => (copy: string) => writeFile(join(copy, name), text);

      it("is sealed as a commit of which the workspace knows nothing", async () => {
        const { workspace, fixture, revision, seal } = await changed(write("NOTES.md", "one\n\ttwo\n"));
        const { fingerprint } = await workspace.inspect(fixture.folder, never);
        const sealed = await seal();
        expect(sealed).toMatchObject({
          base: revision,
          files: [{ path: "NOTES.md", added: 2, removed: 0, plain: true }],
        });
        expect(sealed?.patch).toContain("+\ttwo");
        expect(await workspace.fingerprint(fixture.folder, never)).toBe(fingerprint);
        await expect(fixture.git("cat-file", "-e", sealed?.commit ?? "")).rejects.toThrow("git");
        // The same change is the same commit, so that a repeated attempt promises nothing new.
        expect((await seal())?.commit).toBe(sealed?.commit);
      });

      it("is nothing where nothing differs", async () => {
        expect(await (await changed(async () => {})).seal()).toBeUndefined();
      });

      it("becomes one new branch, and nothing else in the workspace changes", async () => {
        const { workspace, fixture, revision, seal, keep } = await changed(write("NOTES.md", "one\n"));
        await fixture.write("src/sum.js", "not committed");
        await fixture.write("staged.txt", "staged");
        await fixture.git("add", "staged.txt");
        const before = await workspace.inspect(fixture.folder, never);
        const sealed = await seal();
        const commit = sealed?.commit ?? "";
        const status = await fixture.git("status", "--porcelain=v2", "--branch");
        await keep(commit);
        expect((await fixture.git("rev-parse", `coxswain/${RUN}`)).trim()).toBe(commit);
        expect((await fixture.git("log", "-1", "--format=%an <%ae> %P %s", commit)).trim()).toBe(
          `Coxswain <coxswain@localhost> ${revision} Entry`,
        );
        expect(await fixture.git("show", `${commit}:NOTES.md`)).toBe("one\n");
        expect(await fixture.git("status", "--porcelain=v2", "--branch")).toBe(status);
        expect(existsSync(join(fixture.folder, "NOTES.md"))).toBe(false);
        expect(existsSync(join(fixture.folder, ".git/FETCH_HEAD"))).toBe(false);
        await fixture.git("branch", "-D", `coxswain/${RUN}`);
        expect(await workspace.fingerprint(fixture.folder, never)).toBe(before.fingerprint);
      });

      it("may be made a branch twice, and never moves one that stands elsewhere", async () => {
        const { fixture, seal, keep } = await changed(write("NOTES.md", "one\n"));
        const commit = (await seal())?.commit ?? "";
        await keep(commit);
        await keep(commit);
        await fixture.git("branch", "taken");
        await expect(keep(commit, "taken")).rejects.toMatchObject({ code: "workspace.branch_exists" });
        expect(await fixture.git("rev-parse", "taken")).toBe(await fixture.git("rev-parse", "HEAD"));
      });

      it("starts no hook and no program that the workspace or the copy names", async () => {
        const { fixture, copy, seal, keep } = await changed(write("NOTES.md", "one\n"));
        const trap = join(fixture.folder, "trapped");
        const script = `#!/bin/sh\ntouch ${trap}\ncat\n`;
        for (const folder of [fixture.folder, copy.root]) {
          await mkdir(join(folder, ".git/hooks"), { recursive: true });
          for (const hook of [
            "post-checkout",
            "pre-commit",
            "post-commit",
            "reference-transaction",
            "post-index-change",
          ]) {
            await writeFile(join(folder, ".git/hooks", hook), script, { mode: 0o755 });
          }
        }
        await writeFile(join(copy.root, "filter.sh"), script, { mode: 0o755 });
        await writeFile(join(copy.root, ".gitattributes"), "* filter=trap\n");
        const config = `[core]\n\tfsmonitor = ${copy.root}/filter.sh\n[filter "trap"]\n\tclean = ${copy.root}/filter.sh\n`;
        await writeFile(join(copy.root, ".git/config"), config);
        const sealed = await seal();
        await keep(sealed?.commit ?? "");
        expect(existsSync(trap)).toBe(false);
        expect(sealed?.files.map(({ path }) => path)).toEqual([".gitattributes", "NOTES.md", "filter.sh"]);
      });

      it("names links and repositories inside as what they are", async () => {
        const { seal } = await changed(async (copy) => {
          await symlink("/etc/passwd", join(copy, "link"));
          await writeFile(join(copy, "plain.txt"), "x\n");
        });
        expect((await seal())?.files.map(({ path, plain }) => [path, plain])).toEqual([
          ["link", false],
          ["plain.txt", true],
        ]);
      });

      it("is refused, with the way out, where its sealed commit is gone", async () => {
        const { keep } = await changed(write("NOTES.md", "one\n"));
        await expect(keep("e".repeat(40))).rejects.toMatchObject({ code: "workspace.change_gone" });
      });
    });

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
