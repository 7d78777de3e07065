import { resolve } from "node:path";
import { enforcedHow, NOT_ENFORCED, placeOf } from "../../cards/policy-words.ts";
import { POLICY_SOURCES } from "../../contracts/policy.ts";
import { InputError } from "../../errors.ts";
import { plainText, plainTranslator } from "../../plain-text.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** Every rule that holds for a workspace, with its place: what is enforced and how, what is not, and why. */
export async function explainPolicy(cli: Cli, options: CommonOptions & { workspace?: string }): Promise<ExitCode> {
  const words = plainTranslator(cli.translator);
  const folder = resolve(cli.userFolder, options.workspace ?? ".");
  if (!cli.world.isFolder(folder)) throw new InputError("workspace.missing", words.t("reply.no_workspace", { folder }));
  const { policy, revision, gaps } = await cli.world.policy(cli.settings, folder);
  const rules = POLICY_SOURCES.flatMap((source) => policy.rules.filter((rule) => rule.source === source));
  cli.emit({
    type: "policy",
    workspace: folder,
    revision,
    enforced: rules.map((rule) => ({ ...rule, how: enforcedHow(rule.check.kind, words) })),
    notEnforced: policy.context.map((entry) => ({ ...entry, why: words.t(`policy.because.${entry.because}`) })),
    neverEnforced: NOT_ENFORCED.map((key) => words.t(key)),
    gaps: gaps.map((gap) => words.say(gap)),
  });
  cli.say(
    revision === null
      ? words.t("policy.explain.folder", { folder })
      : words.t("policy.explain.commit", { folder, revision: revision.slice(0, 12) }),
  );
  cli.say(`\n${words.t("policy.explain.enforced", { count: rules.length })}`);
  for (const source of POLICY_SOURCES) {
    const some = rules.filter((rule) => rule.source === source);
    if (some.length > 0) cli.say(`\n${words.t(`policy.source.${source}`)}`);
    for (const [at, rule] of some.entries()) {
      cli.say(`  ${plainText(placeOf(rule))}  ${plainText(rule.text)}`);
      // Said once for all neighbours of a kind: a list of twenty files needs no twenty explanations.
      if (some[at + 1]?.check.kind !== rule.check.kind) cli.say(`      ${enforcedHow(rule.check.kind, words)}`);
      if (rule.scope.length > 0) cli.say(`      ${words.t("policy.explain.scope", { globs: words.list(rule.scope) })}`);
    }
  }
  cli.say(`\n${words.t("policy.explain.context", { count: policy.context.length })}`);
  for (const entry of policy.context) {
    const why = words.t(`policy.because.${entry.because}`);
    cli.say(`  ${plainText(placeOf(entry))}  ${plainText(entry.text)}\n      ${why}`);
  }
  cli.say(`\n${words.t("policy.explain.never")}`);
  for (const line of [...NOT_ENFORCED.map((key) => words.t(key)), ...gaps.map((gap) => words.say(gap))])
    cli.say(`  - ${line}`);
  return EXIT.completed;
}
