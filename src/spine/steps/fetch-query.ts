import type { TextSearch } from "../../contracts/evidence.ts";
import type { CapabilitySearch, ContentEvidencePacket, FetchRecord } from "../../contracts/packets/fetch.ts";
import { counted } from "../../contracts/text.ts";
import { GateError } from "../../errors.ts";
import { queryNeed } from "../../governance/conductor.ts";
import { matchCapabilities } from "../../governance/artisan.ts";
import { consult, openSession, type ConsultSession } from "../../governance/consult.ts";
import { judgeLookup } from "../../governance/prism.ts";
import { gatherClaims, searchCapabilities, type CapabilityLayer } from "../../governance/scout.ts";
import { withoutSecrets } from "../../governance/sentinel.ts";
import { arbitrateEvidence } from "../../governance/warden.ts";
import { readMirrors } from "../capability-mirrors.ts";
import { sourcesOf } from "../evidence-sources.ts";
import { answerOf, isQuery, type QueryMacro } from "../query.ts";
import { macroOf } from "../run-facts.ts";
import type { FetchInput, StepResult } from "../step.ts";

/**
 * Fetch of a query: the workspace was inspected and the text searched for, by reading only, and that is the answer.
 * The capability search is made all the same (G22, G28); nobody is selected, since no worker is needed.
 */
export function fetchQueryStep(input: FetchInput & { readonly found: TextSearch }): StepResult<"fetch.completed"> {
  const { run, catalog, found } = input;
  const session = openSession("fetch", input.at);
  const macro = macroOf(run, catalog.macros);
  if (!isQuery(macro)) throw new GateError("gate.not_a_query", `${macro.id} is no query; it needs workers.`);
  const mirrors = readMirrors(input.evidence.capabilityMirrors);
  const evidence = { ...input.evidence, gaps: [...input.evidence.gaps, ...mirrors.gaps] };
  const searches = searchOwners(input, macro, mirrors.layers, session);
  const record: FetchRecord = {
    capabilitySearchPerformed: true,
    capabilityMatches: searches.flatMap(({ matches }) =>
      matches.map(({ name, score, matchReason }) => ({ name, score, matchReason })),
    ),
    researchRequired: false,
    researchValidationPerformed: false,
    researchSourceCount: 0,
    researchSources: [],
  };
  const sufficiency = consult(session, "meta-prism", "judge whether the evidence is enough", () =>
    judgeLookup(found, evidence.trackedFiles),
  );
  consult(
    session,
    "meta-warden",
    "arbitrate the evidence",
    () => arbitrateEvidence(sufficiency, record),
    ({ passed }) => !passed,
  );
  const shown = consult(session, "meta-sentinel", "take secrets out of what is shown", () => ({
    ...found,
    matches: found.matches.map((match) => ({ ...match, excerpt: withoutSecrets(match.excerpt) })),
  }));
  const contentEvidencePacket: ContentEvidencePacket = {
    workspace: evidence,
    sources: [
      ...sourcesOf(evidence, searches),
      {
        category: "search",
        what: found.command?.argv.join(" ") ?? "the files, read one by one",
        finding: `${counted(found.total, "line")}${found.cut ? " and more" : ""}`,
      },
    ],
    capabilitySearches: searches,
    researchCapabilityDiscovery: null,
    researchSkipReason: "It is a query about files of the workspace alone, and they were searched.",
    sufficiency,
    memory: [],
    answer: answerOf(macro, shown),
  };
  return {
    kind: "fetch.completed",
    invocations: session.invocations,
    packets: { fetchRecord: record, contentEvidencePacket },
  };
}

/** The three steps of G22. Nobody is given the work, so every match only informs. */
function searchOwners(
  { catalog }: FetchInput,
  macro: QueryMacro,
  mirrors: readonly CapabilityLayer[],
  session: ConsultSession,
): CapabilitySearch[] {
  const need = consult(session, "meta-conductor", "say which evidence is needed", () => queryNeed(macro));
  const claims = gatherClaims([...catalog.capabilityLayers, ...mirrors], catalog.agents);
  const scored = consult(session, "meta-scout", "search the capability layers", () => searchCapabilities(need, claims));
  const usage = {
    claims,
    samples: () => 0,
    failedLately: () => undefined,
    isExecutable: () => false,
    isTrusted: () => false,
  };
  return consult(session, "meta-artisan", "match owners to the needs", () =>
    matchCapabilities([{ need, scored }], usage),
  ).map((search) => ({ ...search, selectionReason: "the query is answered by reading, so no worker is needed" }));
}
