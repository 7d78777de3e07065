import type { Evidence } from "../contracts/finding.ts";
import type { Translator } from "../i18n.ts";
import { shellWord } from "../shell-word.ts";

/** A command as one would type it into a shell. */
export function commandLine(argv: readonly string[]): string {
  return argv.map(shellWord).join(" ");
}

/** One piece of evidence in one line; `mark` dresses what is quoted (paths, commands, hashes) for the medium. */
export function evidenceLine(evidence: Evidence, words: Translator, mark = (value: string) => value): string {
  switch (evidence.kind) {
    case "command": {
      const command = mark(commandLine(evidence.argv));
      return evidence.exitCode === null
        ? words.t("result.evidence.command_without_exit", { command })
        : words.t("result.evidence.command", { command, code: String(evidence.exitCode) });
    }
    case "file": {
      const place = mark(evidence.line === undefined ? evidence.path : `${evidence.path}:${evidence.line}`);
      return evidence.sha256 === undefined
        ? words.t("result.evidence.file", { place })
        : words.t("result.evidence.file_line", { place, hash: mark(evidence.sha256.slice(0, 12)) });
    }
    case "artifact":
      return words.t("result.evidence.artifact", {
        path: mark(evidence.path),
        size: words.number(evidence.bytes),
        hash: mark(evidence.sha256),
      });
    case "measure":
      return words.t("result.evidence.measure", {
        name: mark(evidence.name),
        value: words.number(evidence.value),
        unit: evidence.unit,
      });
  }
}
