import { renderPlain } from "../../../src/cards/fallback.ts";
import type { RunCard } from "../../../src/contracts/card.ts";
import type { Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { view, type Markup } from "../markup.ts";

/** A place that shows cards in a form of its own. */
export interface PlatformPreview {
  readonly name: string;
  readonly show: (card: RunCard) => Promise<Shown>;
}

interface Shown {
  /** What the place is given, message by message, within its limits. */
  readonly messages: readonly object[];
  /** All of the card is on the messages; otherwise the whole card goes along as a text file. */
  readonly isWhole: boolean;
}

/** A card as other places get it: as text where there are no cards, and exactly as each platform is sent it. */
export async function previewPage(
  card: RunCard,
  previews: readonly PlatformPreview[],
  back: string,
  scene: Scene,
): Promise<PageParts> {
  const { words } = scene.viewer;
  const shown = await Promise.all(previews.map(async ({ name, show }) => platformBlock(name, await show(card), scene)));
  return {
    title: words.t("web.preview.title"),
    body: view`<p class="crumb"><a href="${back}">${words.t("web.preview.back")}</a></p>
    <h1>${words.t("web.preview.title")}</h1>
    <section class="preview" aria-labelledby="as-text"><h2 id="as-text">${words.t("web.preview.text")}</h2>
      <p class="muted">${words.t("web.preview.text.about")}</p>
      <pre class="text" lang="${card.language}" tabindex="0">${renderPlain(card)}</pre></section>
    ${shown}`,
  };
}

function platformBlock(name: string, { messages, isWhole }: Shown, { viewer: { words } }: Scene): Markup {
  const about = words.t("web.preview.platform.about", { count: messages.length });
  const numbered = messages.map((message, at) => {
    const title = words.t("web.preview.message", { number: at + 1, count: messages.length });
    return view`${messages.length === 1 ? "" : view`<h3>${title}</h3>`}<pre class="text" tabindex="0" aria-label="${name} · ${title}">${JSON.stringify(message, null, 2)}</pre>`;
  });
  return view`<section class="preview"><h2>${name}</h2>
    <p class="muted">${about} ${isWhole ? "" : words.t("web.preview.not_whole")}</p>${numbered}</section>`;
}
