import { CommanderError } from "commander";
import { CoxswainError, InputError, messageOf } from "../errors.ts";
import type { Translator } from "../i18n.ts";
import { translatorOf } from "./cli.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { createProgram } from "./program.ts";
import { isAnswered, usageErrorInWords } from "./usage-error.ts";
import type { CliWorld } from "./world.ts";

/** One call of the program, from what was typed to its exit code. Never rejects. */
export async function runCli(world: CliWorld): Promise<ExitCode> {
  const translator = translatorOf(typedLanguage(world.argv), undefined, world);
  let exit: ExitCode = EXIT.completed;
  const program = createProgram(world, translator, (code) => {
    exit = code;
  });
  try {
    if (world.argv.length === 0) {
      world.err(program.helpInformation());
      return EXIT.usage;
    }
    await program.parseAsync(world.argv, { from: "user" });
    return exit;
  } catch (error) {
    return report(world, error, translator);
  }
}

function report(world: CliWorld, error: unknown, translator: Translator): ExitCode {
  if (error instanceof CommanderError) {
    if (isAnswered(error)) return EXIT.completed;
    // A group without its command: its help was shown.
    if (error.code === "commander.help") return EXIT.usage;
    return say(world, "cli.usage", usageErrorInWords(error, translator), EXIT.usage, translator);
  }
  const code = error instanceof CoxswainError ? error.code : "cli.failed";
  return say(world, code, messageOf(error), error instanceof InputError ? EXIT.usage : EXIT.failed, translator);
}

function say(world: CliWorld, code: string, message: string, exit: ExitCode, translator: Translator): ExitCode {
  world.err(`${translator.t("cli.error", { message })}\n`);
  if (world.argv.includes("--json")) world.out(`${JSON.stringify({ type: "error", code, message })}\n`);
  return exit;
}

/** Help and usage errors come before the options are parsed, and are in the person's language all the same. */
function typedLanguage(argv: readonly string[]): string | undefined {
  const at = argv.indexOf("--language");
  if (at >= 0) return argv[at + 1];
  return argv.find((arg) => arg.startsWith("--language="))?.slice("--language=".length);
}
