import { configOf, translatorOf, type CommonOptions } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { CliWorld } from "../world.ts";

/** Checks what the bot needs on this machine; each line says what to mend. */
export async function doctor(world: CliWorld, options: CommonOptions): Promise<ExitCode> {
  const config = configOf(world, options);
  const language = config.ok && config.settings.language !== "auto" ? config.settings.language : undefined;
  const words = translatorOf(options.language, language, world);
  const checks = await world.doctor(config);
  for (const { id, state, text, mend } of checks) {
    const line = {
      type: "doctor.check",
      id,
      state,
      text: words.say(text),
      mend: mend === null ? null : words.say(mend),
    };
    if (options.json) world.out(`${JSON.stringify(line)}\n`);
    else
      world.out(
        `${words.t(`doctor.state.${state}`)}  ${line.text}${line.mend === null ? "" : `\n      ${line.mend}`}\n`,
      );
  }
  const failed = checks.filter((check) => check.state === "fail").length;
  if (options.json) world.out(`${JSON.stringify({ type: "doctor.ended", failed })}\n`);
  else world.out(`${words.t("doctor.summary", { failed })}\n`);
  return failed === 0 ? EXIT.completed : EXIT.failed;
}
