import { Command } from "commander";
import type { MessageKey, Translator } from "../i18n.ts";
import { createCli, createMovingCli, type Cli, type CommonOptions } from "./cli.ts";
import { answer } from "./commands/answer.ts";
import { showAudit, verifyAudit } from "./commands/audit.ts";
import { cancel } from "./commands/cancel.ts";
import { checkConfig } from "./commands/config-check.ts";
import {
  discardDeadLetter,
  inspectDeadLetter,
  listDeadLetters,
  retryDeadLetters,
  type RetryOptions,
} from "./commands/dead-letters.ts";
import { discordCommands, discordInvite } from "./commands/discord.ts";
import { doctor } from "./commands/doctor.ts";
import { exportRun } from "./commands/export-run.ts";
import { actOnTarget, drain, queue, weighTenant, type TargetOptions } from "./commands/queue.ts";
import { explainPolicy } from "./commands/policy-explain.ts";
import { resume } from "./commands/resume.ts";
import { run, type RunOptions } from "./commands/run.ts";
import { printSlackManifest } from "./commands/slack-manifest.ts";
import { status } from "./commands/status.ts";
import { undo } from "./commands/undo.ts";
import type { ExitCode } from "./exit-code.ts";
import type { CliWorld } from "./world.ts";

type Translate = (key: MessageKey) => string;
type AnswersOption = CommonOptions & { readonly answers?: string };

/** The grammar of the program. `done` is told how the command that was called ended. */
export function createProgram(world: CliWorld, translator: Translator, done: (code: ExitCode) => void): Command {
  const t: Translate = (key) => translator.t(key);
  const program = withoutExit(new Command("coxswain"), world, t)
    .description(t("cli.description"))
    // What stands after the name of a command belongs to that command; otherwise `queue` would take from `queue pause`.
    .enablePositionalOptions()
    .version(world.version, "--version", t("cli.option.version"))
    .helpCommand(`help [${t("cli.term.command")}]`, t("cli.option.help_command"));

  const add = (parent: Command, name: string, description: string): Command =>
    withoutExit(parent.command(name), world, t)
      .description(description)
      .option("--json", t("cli.option.json"))
      .option("--state-root <dir>", t("cli.option.state_root"))
      .option("--language <tag>", t("cli.option.language"))
      .option("--profile <name>", t("cli.option.profile"))
      .option("--config <file>", t("cli.option.config"));
  const ends = async (code: Promise<ExitCode>): Promise<void> => done(await code);
  const answersOption = (command: Command): Command =>
    command.option("--answers <recommended|ask|file.json>", t("cli.option.answers"));
  const argOption = (command: Command): Command =>
    command.option("--arg <key=value>", t("cli.option.arg"), (pair: string, pairs: string[] | undefined) => [
      ...(pairs ?? []),
      pair,
    ]);

  answersOption(argOption(add(program, "run", t("cli.run.description"))))
    .argument("<goal>", t("cli.run.goal"))
    .option("--macro <id>", t("cli.option.macro"))
    .option("--workspace <dir>", t("cli.option.workspace"))
    .option("--priority <-2…2>", t("cli.option.priority"))
    .option("--deadline <when>", t("cli.option.deadline"))
    .action((goal: string, options: CommonOptions & RunOptions) =>
      ends(run(createMovingCli(world, options), goal, options)),
    );
  answersOption(add(program, "answer", t("cli.answer.description")))
    .argument("<runId>", t("cli.term.run_id"))
    .action((id: string, options: AnswersOption) => ends(answer(createMovingCli(world, options), id, options)));
  answersOption(add(program, "resume", t("cli.resume.description")))
    .argument("<runId>", t("cli.term.run_id"))
    .action((id: string, options: AnswersOption) => ends(resume(createMovingCli(world, options), id, options)));
  add(program, "status", t("cli.status.description"))
    .argument("[runId]", t("cli.term.run_id"))
    .action((id: string | undefined, options: CommonOptions) => ends(status(createCli(world, options), id)));
  const line = add(program, "queue", t("cli.queue.description"))
    .enablePositionalOptions()
    .action((options: CommonOptions) => ends(queue(createCli(world, options))));
  for (const verb of ["pause", "resume", "raise", "lower"] as const) {
    add(line, verb, t(`cli.queue.${verb}`))
      .option("--tenant <name>", t("cli.option.tenant"))
      .option("--macro <id>", t("cli.option.queue_macro"))
      .action((options: CommonOptions & TargetOptions) =>
        ends(actOnTarget(createCli(world, options), `queue.${verb}`, options)),
      );
  }
  add(line, "weight", t("cli.queue.weight"))
    .argument("<number|default>", t("cli.term.weight"))
    .requiredOption("--tenant <name>", t("cli.option.tenant"))
    .action((typed: string, options: CommonOptions & TargetOptions) =>
      ends(weighTenant(createCli(world, options), typed, options)),
    );
  add(program, "drain", t("cli.drain.description"))
    .option("--undo", t("cli.option.undo"))
    .option("--no-wait", t("cli.option.no_wait"))
    .action((options: CommonOptions & { undo?: boolean; wait?: boolean }) =>
      ends(drain(createCli(world, options), options)),
    );
  const onRun = (command: Command, use: (cli: Cli, id: string) => Promise<ExitCode>): Command =>
    command
      .argument("<runId>", t("cli.term.run_id"))
      .action((id: string, options: CommonOptions) => ends(use(createCli(world, options), id)));
  onRun(add(program, "cancel", t("cli.cancel.description")), cancel);
  onRun(add(program, "undo", t("keep.cli.description")), undo);
  onRun(add(program, "export", t("cli.export.description")), exportRun);

  const letters = withoutExit(program.command("dead-letters"), world, t).description(t("cli.dead_letters.description"));
  add(letters, "list", t("cli.dead_letters.list")).action((options: CommonOptions) =>
    ends(listDeadLetters(createCli(world, options))),
  );
  onRun(add(letters, "inspect", t("cli.dead_letters.inspect")), inspectDeadLetter);
  answersOption(argOption(add(letters, "retry", t("cli.dead_letters.retry"))))
    .argument("[runId]", t("cli.term.run_id"))
    .option("--macro <id>", t("cli.option.letters_macro"))
    .option("--code <code>", t("cli.option.letters_code"))
    .action((id: string | undefined, options: CommonOptions & RetryOptions) =>
      ends(retryDeadLetters(createMovingCli(world, options), id, options)),
    );
  add(letters, "discard", t("cli.dead_letters.discard"))
    .argument("<runId>", t("cli.term.run_id"))
    .requiredOption("--reason <text>", t("cli.option.reason"))
    .action((id: string, options: CommonOptions & { reason: string }) =>
      ends(discardDeadLetter(createCli(world, options), id, options)),
    );

  const discord = withoutExit(program.command("discord"), world, t).description(t("cli.discord.description"));
  add(discord, "invite", t("cli.discord.invite")).action((options: CommonOptions) =>
    ends(discordInvite(createCli(world, options))),
  );
  add(discord, "commands", t("cli.discord.commands")).action((options: CommonOptions) =>
    ends(discordCommands(createCli(world, options))),
  );
  const policy = withoutExit(program.command("policy"), world, t).description(t("cli.policy.description"));
  add(policy, "explain", t("cli.policy.explain"))
    .option("--workspace <dir>", t("cli.option.workspace"))
    .action((options: CommonOptions & { workspace?: string }) =>
      ends(explainPolicy(createCli(world, options), options)),
    );

  const audit = withoutExit(program.command("audit"), world, t).description(t("cli.audit.description"));
  add(audit, "verify", t("cli.audit.verify"))
    .argument("[trail]", t("cli.term.trail"))
    .action((id: string | undefined, options: CommonOptions) => ends(verifyAudit(createCli(world, options), id)));
  add(audit, "show", t("cli.audit.show"))
    .argument("<trail>", t("cli.term.trail"))
    .action((id: string, options: CommonOptions) => ends(showAudit(createCli(world, options), id)));

  const config = withoutExit(program.command("config"), world, t).description(t("cli.config.description"));
  add(config, "check", t("cli.config.check")).action((options: CommonOptions) => ends(checkConfig(world, options)));
  const slack = withoutExit(program.command("slack"), world, t).description(t("cli.slack.description"));
  add(slack, "manifest", t("cli.slack.manifest"))
    .option("--url <https://…>", t("cli.option.slack_url"))
    .action((options: CommonOptions & { url?: string }) => done(printSlackManifest(world, options)));
  add(program, "doctor", t("cli.doctor.description")).action((options: CommonOptions) => ends(doctor(world, options)));
  return program;
}

/** Commander must neither end the process nor write errors: the one who runs the program does both. */
function withoutExit(command: Command, world: CliWorld, t: Translate): Command {
  const titles: Record<string, string> = {
    "Usage:": t("cli.help.usage"),
    "Arguments:": t("cli.help.arguments"),
    "Options:": t("cli.help.options"),
    "Commands:": t("cli.help.commands"),
  };
  return command
    .exitOverride()
    .helpOption("-h, --help", t("cli.option.help"))
    .configureOutput({
      writeOut: (text) => world.out(text),
      writeErr: (text) => world.err(text),
      outputError: () => {},
    })
    .configureHelp({ styleTitle: (title) => titles[title] ?? title });
}
