import type { WorkspaceEvidence } from "../contracts/evidence.ts";
import type { CapabilitySearch, ContentEvidencePacket } from "../contracts/packets/fetch.ts";
import { counted } from "../contracts/text.ts";

/** Everything that Fetch looked at, by category; where there was nothing, that is the finding. */
export function sourcesOf(
  evidence: WorkspaceEvidence,
  searches: readonly CapabilitySearch[],
): ContentEvidencePacket["sources"] {
  const { history } = evidence;
  const languages = evidence.languages.map((language) => `${language.name} (${language.files})`).join(", ");
  const owned = searches.filter((search) => search.selected !== null).length;
  return [
    {
      category: "files",
      what: evidence.root,
      finding: `${counted(evidence.trackedFiles, "file")}, ${counted(evidence.trackedBytes, "byte")}; ${languages || "no known language"}`,
    },
    {
      category: "manifests",
      what: evidence.manifests.map((manifest) => manifest.path).join(", ") || "no manifest",
      finding: `${evidence.manifests.reduce((sum, manifest) => sum + manifest.dependencies, 0)} dependencies; lock files: ${evidence.lockfiles.join(", ") || "none"}`,
    },
    {
      category: "history",
      what: evidence.revision ?? "no commit",
      finding: `${counted(history.commits, "commit")} by ${counted(history.authors, "author")}${history.shallow ? " (shallow: the rest is not here)" : ""}; ${counted(evidence.uncommittedFiles, "file")} not committed`,
    },
    {
      category: "rules",
      what: evidence.ruleFiles.map((file) => file.path).join(", ") || "no AGENTS.md or Cursor rules",
      finding: counted(evidence.ruleFiles.length, "rule file"),
    },
    {
      category: "tests",
      what: evidence.testCommand?.source ?? "no test command",
      finding: evidence.testCommand?.argv.join(" ") ?? "none",
    },
    { category: "documentation", what: "Markdown files", finding: counted(evidence.markdownFiles, "file") },
    {
      category: "capabilities",
      what: searches[0]?.layersSearched.join(", ") ?? "no layer",
      finding: `${owned} of ${searches.length} needs have an owner`,
    },
  ];
}
