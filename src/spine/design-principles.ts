/** What every brief asks of the work, and what Review and Verification look for (G34). Read by workers. */
export const DESIGN_PRINCIPLES = [
  { principle: "Layering", brief: "Keep to your own part of the work; each layer has one job." },
  {
    principle: "i18n",
    brief: "Words for people are given as texts with a code, never glued together from pieces.",
  },
  {
    principle: "Configurable",
    brief: "Take limits and choices from the arguments of this brief, not from constants.",
  },
  { principle: "Single Source", brief: "Say each fact once, where it was counted or read." },
  { principle: "Decoupling", brief: "Rely on this brief and the files alone, not on how other workers do theirs." },
  { principle: "Normalization", brief: "Use the same names and the same form for the same thing throughout." },
  { principle: "Explicitness", brief: "State what was not checked and why; assume nothing in silence." },
  { principle: "Composability", brief: "Report small findings that stand alone, each with its own evidence." },
] as const;

export function principleLines(): string[] {
  return DESIGN_PRINCIPLES.map(({ principle, brief }) => `${principle}: ${brief}`);
}
