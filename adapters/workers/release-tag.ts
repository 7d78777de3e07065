import { execa } from "execa";
import type { Text } from "../../src/contracts/text.ts";
import type { Brief } from "../../src/contracts/worker.ts";
import { withoutCredentials } from "./file-content.ts";
import { git } from "./git.ts";
import { namedVersions } from "./project-version.ts";
import { runWorker, words, type Reporter } from "./protocol.ts";
import { tagFor, versionTags } from "./release-tags.ts";

/** Lane `tag`: is the tag of the version still free, here and (where the network may be used) in the remote repository? */

const REMOTE_LIMIT_MS = 30_000;

async function takenHere(tag: string, version: string, report: Reporter): Promise<boolean> {
  const argv = ["rev-list", "-n", "1", `refs/tags/${tag}`, "--"];
  const commit = await git(...argv).catch(() => undefined);
  report.fact("takenHere", commit !== undefined);
  if (commit === undefined) return false;
  const evidence = [{ kind: "command" as const, argv: ["git", ...argv], exitCode: 0, excerpt: commit }];
  const params = { tag, version, commit: commit.slice(0, 12) };
  report.finding({ code: "release_tag.taken", severity: "high", params, evidence });
  return true;
}

async function takenThere(tag: string, brief: Brief, report: Reporter): Promise<boolean> {
  const { remote } = brief.files;
  if (remote === undefined) report.unavailable("release_tag.no_remote");
  else if (!brief.mayUseNetwork) report.unavailable("release_tag.not_allowed");
  if (remote === undefined || !brief.mayUseNetwork) return false;
  const argv = ["ls-remote", "--tags", "--exit-code", "--", remote, `refs/tags/${tag}`];
  // The address comes from the workspace: it may name no program (ext::), and nobody is there to be asked for a password.
  const env = {
    GIT_ALLOW_PROTOCOL: "https:http:ssh:git:file",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "true",
    LC_ALL: "C",
  };
  const ssh = { GIT_SSH_COMMAND: "ssh -o BatchMode=yes -o ConnectTimeout=10" };
  const options = { env: { ...env, ...ssh }, stdin: "ignore", reject: false, timeout: REMOTE_LIMIT_MS } as const;
  const { exitCode, stderr, timedOut } = await execa("git", argv, options);
  // 2: it answered, and has no such tag.
  if (exitCode === 2 && !timedOut) return false;
  if (exitCode === 0) {
    const evidence = [{ kind: "command" as const, argv: ["git", ...argv].map(withoutCredentials), exitCode: 0 }];
    report.finding({ code: "release_tag.taken_remote", severity: "high", params: { tag }, evidence });
    return true;
  }
  const reason = withoutCredentials(stderr.trim().split("\n").at(-1) ?? "").slice(0, 300);
  report.unavailable("release_tag.no_answer", { remote: withoutCredentials(remote), reason });
  return false;
}

await runWorker(async ({ brief, report }): Promise<Text> => {
  report.fact("revision", await git("rev-parse", "HEAD"));
  const [named] = await namedVersions();
  if (named === undefined) {
    report.fact("tag", "");
    report.unavailable("release_tag.no_version");
    return words("worker.release_tag.none");
  }
  const tag = tagFor(named.version, await versionTags());
  report.fact("tag", tag);
  const here = await takenHere(tag, named.version, report);
  const there = await takenThere(tag, brief, report);
  return words(here || there ? "worker.release_tag.taken" : "worker.release_tag.free", { tag });
});
