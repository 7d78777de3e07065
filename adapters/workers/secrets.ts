import { readContent, placeIn, TEXT_LIMIT_BYTES } from "./file-content.ts";
import { secretPlaces } from "./mask-secrets.ts";
import { runWorker, words } from "./protocol.ts";
import { fileCount, trackedFiles } from "./tracked-files.ts";

/** Lane `secrets`: keys and tokens in tracked files. Says where they stand, never what they are. */

await runWorker(async ({ brief, report }) => {
  const files = await trackedFiles(brief);
  const skipped = { binary: 0, too_large: 0, unreadable: 0 };
  let scanned = 0;
  let found = 0;
  for (const [at, { path, kind }] of files.entries()) {
    if (at % 200 === 0) report.progress(at, files.length);
    const content = kind === "file" ? await readContent(path) : { kind: "unreadable" as const };
    if (content.kind !== "text") {
      skipped[content.kind] += 1;
      continue;
    }
    scanned += 1;
    for (const secret of await secretPlaces(path, content.text)) {
      found += 1;
      const place = placeIn(content, secret.line, { excerpt: false });
      const params = { file: path, kind: secret.kind };
      report.finding({ code: "secrets.found", severity: "high", ...place, params });
    }
  }
  const left = files.length - scanned;
  report.fact("trackedFiles", fileCount(files));
  report.fact("filesScanned", scanned);
  report.fact("filesSkipped", left);
  if (skipped.too_large > 0) {
    report.unavailable("secrets.too_large", { count: skipped.too_large, kilobytes: TEXT_LIMIT_BYTES / 1000 });
  }
  if (skipped.binary > 0) report.unavailable("secrets.binary", { count: skipped.binary });
  if (skipped.unreadable > 0) report.unavailable("secrets.unreadable", { count: skipped.unreadable });
  if (brief.revision !== null) report.unavailable("secrets.history");
  return words("worker.secrets.done", { scanned, left, found });
});
