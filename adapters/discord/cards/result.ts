import { ComponentType } from "discord.js";
import type { ResultCard } from "../../../src/contracts/card.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { escaped } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { sheetsOf, textBlocks, type Block, type Sheet } from "../sheet.ts";
import { COLOURS, sectionBlocks, titleBlock } from "./parts.ts";

/** How a run ended (U6), with its report as a file where it is small enough for every server. */
export function resultSheets(card: ResultCard): Sheet[] {
  const words = translatorFor(card.language);
  const findings = card.findings.map(({ severityLabel, place, text }) => {
    const where = place === null ? text : words.t("card.labelled", { label: place, value: text });
    return `[${severityLabel}] ${where}`;
  });
  const more = card.furtherFindings === 0 ? [] : [words.t("result.further", { count: card.furtherFindings })];
  const files = card.files.map(({ label, path, sha256, bytes }) =>
    words.t("result.file.line", { label, path, size: words.number(bytes), hash: sha256 }),
  );
  const [done, ...others] = card.sections;
  return sheetsOf(
    [
      ...titleBlock(card.title),
      ...textBlocks(escaped(card.headline)),
      ...(done === undefined ? [] : sectionBlocks(done.heading, done.lines)),
      ...(findings.length === 0 ? [] : sectionBlocks(words.t("result.section.findings"), [...findings, ...more])),
      ...others.flatMap(({ heading, lines }) => sectionBlocks(heading, lines)),
      ...(files.length === 0 ? [] : sectionBlocks(words.t("result.section.files"), files)),
      ...attachment(card),
    ],
    card.findings.some(({ severity }) => severity === "critical" || severity === "high")
      ? COLOURS.waiting
      : COLOURS.good,
  );
}

function attachment(card: ResultCard): Block[] {
  const report = reportOf(card);
  return report === undefined
    ? []
    : [[{ type: ComponentType.File, file: { url: `attachment://${nameOf(report.path)}` } }]];
}

/** The file that goes with the card; the core puts the report first. */
export function reportOf({ files }: ResultCard): ResultCard["files"][number] | undefined {
  const [first] = files;
  return first !== undefined && first.bytes <= LIMITS.uploadBytes && /\.(?:md|txt|json)$/u.test(first.path)
    ? first
    : undefined;
}

/** A name that an attachment may have. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replaceAll(/[^\w.-]/gu, "_");
}
