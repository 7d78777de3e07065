import { z } from "zod";
import { TextSearch, WorkspaceEvidence } from "../evidence.ts";
import { Finding } from "../finding.ts";

/** One owner that could do what is needed: 3 perfect, 1 or 2 partial, 0 no match (G22). */
export const CapabilityMatch = z.object({
  name: z.string(),
  layer: z.string(),
  kind: z.enum(["agent", "skill", "tool", "command"]),
  score: z.number().int().min(0).max(3),
  matchReason: z.string(),
  /** (coverage × frequency) / (context cost + learning curve), G22. */
  roi: z.number().nonnegative(),
});
export type CapabilityMatch = z.infer<typeof CapabilityMatch>;

/** The three-step search for one lane's need. */
export const CapabilitySearch = z.object({
  laneId: z.string(),
  query: z.string(),
  keywords: z.array(z.string()),
  layersSearched: z.array(z.string()),
  matches: z.array(CapabilityMatch),
  /** Several owners that claim the same; the one with the clearly stronger match was taken. */
  overlap: z.array(z.string()),
  selected: z.string().nullable(),
  selectionReason: z.string(),
});
export type CapabilitySearch = z.infer<typeof CapabilitySearch>;

/** The gate before Thinking (G28). */
export const FetchRecord = z.object({
  capabilitySearchPerformed: z.boolean(),
  capabilityMatches: z.array(CapabilityMatch.pick({ name: true, score: true, matchReason: true })),
  researchRequired: z.boolean(),
  researchValidationPerformed: z.boolean(),
  researchSourceCount: z.number().int().nonnegative(),
  researchSources: z.array(
    z.object({ category: z.string(), summary: z.string(), confidence: z.enum(["high", "medium", "low"]) }),
  ),
});
export type FetchRecord = z.infer<typeof FetchRecord>;

export const ContentEvidencePacket = z.object({
  workspace: WorkspaceEvidence,
  sources: z.array(z.object({ category: z.string(), what: z.string(), finding: z.string() })),
  capabilitySearches: z.array(CapabilitySearch),
  /** Where the evidence had to come from outside, how retrieval was found (G28). */
  researchCapabilityDiscovery: z
    .array(
      z.object({
        descriptor: z.string(),
        providerKind: z.string(),
        status: z.enum(["available", "unavailable"]),
        proof: z.string(),
        limitations: z.string(),
      }),
    )
    .nullable(),
  researchSkipReason: z.string().nullable(),
  /** Prism: is the evidence enough? Warden: may the run go on? (G16) */
  sufficiency: z.object({ enough: z.boolean(), reason: z.string() }),
  /** Learned from earlier runs of the same macro (meta-librarian). */
  memory: z.array(z.string()),
  /** The answer of a query, which Fetch gathers itself by reading (G8, G14: no worker, no card). */
  answer: z.object({ search: TextSearch.omit({ matches: true }), findings: z.array(Finding) }).optional(),
});
export type ContentEvidencePacket = z.infer<typeof ContentEvidencePacket>;
