import type { CommanderError } from "commander";
import { isMessageKey, type Translator } from "../i18n.ts";

/** What commander found wrong with the call, in the person's language; commander speaks English only. */
export function usageErrorInWords({ code, message }: CommanderError, translator: Translator): string {
  const [, what = ""] = /'([^']*)'/.exec(message) ?? [];
  const [, meant] = /\(Did you mean (?:one of )?(.+)\?\)/.exec(message) ?? [];
  const key = `cli.usage.${code.replace("commander.", "")}`;
  const problem = isMessageKey(key) ? translator.t(key, { what }) : message.replace(/^error: /, "");
  return meant === undefined ? problem : `${problem} ${translator.t("cli.usage.meant", { meant })}`;
}

/** Asked for help or the version: no error. */
export function isAnswered({ exitCode }: CommanderError): boolean {
  return exitCode === 0;
}
