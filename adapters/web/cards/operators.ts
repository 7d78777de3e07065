import type { AlertCard, DigestCard } from "../../../src/contracts/card.ts";
import { view, type Markup } from "../markup.ts";

/** How bad it is, since when, and what to do; or since when it is over. */
export function alertBody({ severityLabel, since, todo, resolved }: AlertCard): Markup {
  if (resolved !== null) return view`<p class="headline">${resolved.line}</p><p class="muted">${since}</p>`;
  return view`<p><span class="badge">${severityLabel}</span> <span class="muted">${since}</span></p><p>${todo}</p>`;
}

/** A line for each run that ended; it leads to the run. */
export function digestBody({ headline, runs }: DigestCard): Markup {
  return view`<p class="headline">${headline}</p><ul>${runs.map(
    ({ runId, goal, outcome }) =>
      view`<li><a href="/runs/${runId}">${goal}</a> <span class="muted">${outcome}</span></li>`,
  )}</ul>`;
}
