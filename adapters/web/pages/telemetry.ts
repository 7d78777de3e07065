import type { OperationsDocument } from "../../../src/contracts/operations.ts";
import type { MessageKey } from "../../../src/i18n.ts";
import type { Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { view, type Markup } from "../markup.ts";
import { clock } from "./parts.ts";

/** Small numbers over time, oldest first, as the control plane keeps them. */
export type Telemetry = OperationsDocument["telemetry"];

const SERIES = [
  ["running", "web.load.running"],
  ["queued", "web.load.queued"],
  ["waiting", "web.load.waiting"],
  ["deadLetters", "web.load.dead_letters"],
] as const satisfies readonly (readonly [keyof Telemetry[number], MessageKey])[];

const WIDTH = 600;
const HEIGHT = 80;
/** More points than pixels say nothing more. */
const POINTS = 300;

/** How busy the bot was: one small chart a number, each with its figures in words. */
export function telemetryPage(telemetry: Telemetry, scene: Scene): PageParts {
  const { words } = scene.viewer;
  const [first] = telemetry;
  const last = telemetry.at(-1);
  const intro =
    first === undefined || last === undefined
      ? view`<p class="empty">${words.t("web.load.none")}</p>`
      : view`<p class="muted">${words.t("web.load.span", { count: telemetry.length })} ${clock(first.at, words)} – ${clock(last.at, words)}</p>`;
  return {
    title: words.t("web.nav.load"),
    topics: ["runs"],
    body: view`<h1>${words.t("web.nav.load")}</h1>
    <div id="load" data-live>${intro}
    <div class="charts">${last === undefined ? "" : SERIES.map(([name, key]) => chart(words.t(key), telemetry, name, scene))}</div></div>`,
  };
}

/** The line is for the eye; what it says stands below it for everybody. */
function chart(title: string, telemetry: Telemetry, name: (typeof SERIES)[number][0], scene: Scene): Markup {
  const { words } = scene.viewer;
  const values = telemetry.map((point) => point[name]);
  const most = Math.max(...values);
  const mostAt = telemetry[values.indexOf(most)]?.at ?? 0;
  const figures = words.t("web.load.figures", { now: values.at(-1) ?? 0, most });
  return view`<figure class="chart"><figcaption><h2>${title}</h2></figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false"><polyline points="${line(telemetry, name)}" fill="none" vector-effect="non-scaling-stroke"></polyline></svg>
    <p>${figures}${most === 0 ? "" : view` ${clock(mostAt, words)}`}</p></figure>`;
}

/** Points of the line, by time and not by number: where the bot was off, the line is long. */
function line(telemetry: Telemetry, name: (typeof SERIES)[number][0]): string {
  const from = telemetry[0]?.at ?? 0;
  const span = Math.max(1, (telemetry.at(-1)?.at ?? 0) - from);
  const bins = new Map<number, number>();
  for (const point of telemetry) {
    const bin = Math.round(((point.at - from) / span) * POINTS);
    bins.set(bin, Math.max(bins.get(bin) ?? 0, point[name]));
  }
  const most = Math.max(1, ...bins.values());
  return [...bins]
    .toSorted(([a], [b]) => a - b)
    .map(
      ([bin, value]) =>
        `${((bin / POINTS) * WIDTH).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`,
    )
    .join(" ");
}
