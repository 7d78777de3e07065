import type { ContentEvidencePacket } from "../contracts/packets/fetch.ts";
import type { Run } from "../contracts/run.ts";
import type { Translator } from "../i18n.ts";
import { commandLine } from "./evidence-words.ts";

type Answer = NonNullable<ContentEvidencePacket["answer"]>;

/** What Fetch found for a query; undefined where the run is none. */
export function answerIn(run: Run): Answer | undefined {
  return run.packets.contentEvidencePacket?.answer;
}

/** The answer in one sentence. Nothing more is claimed than was searched. */
export function answerHeadline({ search }: Answer, words: Translator): string {
  return words.t(search.cut ? "query.headline_cut" : "query.headline", { text: search.text, total: search.total });
}

/** What the answer stands on: the command and how it ended, what was searched, at which commit. */
export function answerEvidence(run: Run, answer: Answer, words: Translator, mark = (value: string) => value): string[] {
  const { search, findings } = answer;
  const revision = run.packets.contentEvidencePacket?.workspace.revision ?? null;
  return [
    ...(search.command === null
      ? [words.t("query.searched.folder")]
      : [
          words.t("result.evidence.command", {
            command: mark(commandLine(search.command.argv)),
            code: String(search.command.exitCode),
          }),
          words.t("query.searched.tracked"),
        ]),
    ...(findings.length < search.total ? [words.t("query.kept", { kept: findings.length, total: search.total })] : []),
    ...(revision === null ? [] : [words.t("result.workspace.revision", { revision: mark(revision) })]),
  ];
}
