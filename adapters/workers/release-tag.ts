import { execa } from "execa";
import type { Text } from "../../src/contracts/text.ts";
import type { Brief } from "../../src/contracts/worker.ts";
import { tagFor } from "../../src/versions.ts";
import { booleanArgument } from "./arguments.ts";
import { withoutCredentials } from "./file-content.ts";
import { git } from "./git.ts";
import { intendedRelease } from "./intended-release.ts";
import { runWorker, words, type Reporter } from "./protocol.ts";
import { versionTags } from "./release-tags.ts";

/**
 * Lane `tag`: is the tag of the version still free, here and (where the network may be used) in the remote repository?
 * Where the tag is said to be this release (`tag_is_release`): does it stand at the commit that is checked?
 */

const REMOTE_LIMIT_MS = 30_000;

interface Wanted {
  readonly tag: string;
  readonly version: string;
  /** The commit at which the tag is expected; undefined where it is expected to be free. */
  readonly at: string | undefined;
}

async function takenHere({ tag, version, at }: Wanted, report: Reporter): Promise<boolean> {
  const argv = ["rev-list", "-n", "1", `refs/tags/${tag}`, "--"];
  const commit = await git(...argv).catch(() => undefined);
  report.fact("takenHere", commit !== undefined);
  if (commit === undefined) return false;
  const evidence = [{ kind: "command" as const, argv: ["git", ...argv], exitCode: 0, excerpt: commit }];
  const params = { tag, version, commit: commit.slice(0, 12) };
  if (at === undefined) report.finding({ code: "release_tag.taken", severity: "high", params, evidence });
  else if (commit === at) report.finding({ code: "release_tag.at_commit", severity: "info", params, evidence });
  else {
    const wanted = { ...params, wanted: at.slice(0, 12) };
    report.finding({ code: "release_tag.elsewhere", severity: "high", params: wanted, evidence });
  }
  return true;
}

async function takenThere({ tag, at }: Wanted, brief: Brief, report: Reporter): Promise<boolean> {
  const { remote } = brief.files;
  if (remote === undefined) report.unavailable("release_tag.no_remote");
  else if (!brief.mayUseNetwork) report.unavailable("release_tag.not_allowed");
  if (remote === undefined || !brief.mayUseNetwork) return false;
  const argv = ["ls-remote", "--tags", "--exit-code", "--", remote, `refs/tags/${tag}`, `refs/tags/${tag}^{}`];
  // The address comes from the workspace: it may name no program (ext::), and nobody is there to be asked for a password.
  const env = {
    GIT_ALLOW_PROTOCOL: "https:http:ssh:git:file",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "true",
    LC_ALL: "C",
  };
  const ssh = { GIT_SSH_COMMAND: "ssh -o BatchMode=yes -o ConnectTimeout=10" };
  const options = { env: { ...env, ...ssh }, stdin: "ignore", reject: false, timeout: REMOTE_LIMIT_MS } as const;
  const { exitCode, stdout, stderr, timedOut } = await execa("git", argv, options);
  // 2: it answered, and has no such tag.
  if (exitCode === 2 && !timedOut) return false;
  if (exitCode === 0) {
    const evidence = [{ kind: "command" as const, argv: ["git", ...argv].map(withoutCredentials), exitCode: 0 }];
    // An annotated tag is listed with itself first, then with the commit that it stands at.
    const commit = stdout.trim().split("\n").at(-1)?.split("\t")[0] ?? "";
    const params = { tag, commit: commit.slice(0, 12) };
    if (at === undefined) report.finding({ code: "release_tag.taken_remote", severity: "high", params, evidence });
    else if (commit !== at) {
      const wanted = { ...params, wanted: at.slice(0, 12) };
      report.finding({ code: "release_tag.elsewhere_remote", severity: "high", params: wanted, evidence });
    }
    return true;
  }
  const reason = withoutCredentials(stderr.trim().split("\n").at(-1) ?? "").slice(0, 300);
  report.unavailable("release_tag.no_answer", { remote: withoutCredentials(remote), reason });
  return false;
}

await runWorker(async ({ brief, report }): Promise<Text> => {
  const revision = await git("rev-parse", "HEAD");
  report.fact("revision", revision);
  const intended = await intendedRelease(brief);
  if (intended === undefined) {
    report.fact("tag", "");
    report.unavailable("release_tag.no_version");
    return words("worker.release_tag.none");
  }
  const { version } = intended;
  const tag = tagFor(version, await versionTags());
  report.fact("tag", tag);
  const wanted = { tag, version, at: booleanArgument(brief, "tag_is_release", false) ? revision : undefined };
  const here = await takenHere(wanted, report);
  const there = await takenThere(wanted, brief, report);
  return words(here || there ? "worker.release_tag.taken" : "worker.release_tag.free", { tag });
});
