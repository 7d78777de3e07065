import { renderPlain } from "../../../src/cards/fallback.ts";
import type { Card } from "../../../src/contracts/card.ts";
import type { Translator } from "../../../src/i18n.ts";
import { jsonOf } from "../drawn/parts.ts";
import type { Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { view, type Markup } from "../markup.ts";

/** A place that shows cards in a form of its own. */
export interface PlatformPreview {
  readonly name: string;
  readonly show: (card: Card) => Promise<Shown>;
  /** What people see of something that is sent there, as a picture in which nothing acts. */
  readonly draw: (sent: object, words: Translator) => Markup;
}

interface Shown {
  /** What the place is given, message by message, within its limits. */
  readonly messages: readonly object[];
  /** All of the card is on the messages; otherwise the whole card goes along as a text file. */
  readonly isWhole: boolean;
  /** What its buttons open, by their names. */
  readonly opened: readonly { readonly by: string; readonly views: readonly object[] }[];
}

/** A card as other places get it: as text where there are no cards, and drawn from what each platform is sent. */
export async function previewPage(
  card: Card,
  previews: readonly PlatformPreview[],
  back: { readonly href: string; readonly key: "web.preview.back" | "web.preview.back_to_channel" },
  scene: Scene,
): Promise<PageParts> {
  const { words } = scene.viewer;
  const shown = await Promise.all(
    previews.map(async (preview) => platformBlock(preview, await preview.show(card), card, words)),
  );
  return {
    title: words.t("web.preview.title"),
    body: view`<link rel="stylesheet" href="/static/drawn.css">
    <p class="crumb"><a href="${back.href}">${words.t(back.key)}</a></p>
    <h1>${words.t("web.preview.title")}</h1>
    ${shown}
    <section class="preview" aria-labelledby="as-text"><h2 id="as-text">${words.t("web.preview.text")}</h2>
      <p class="muted">${words.t("web.preview.text.about")}</p>
      <pre class="text" lang="${card.language}" tabindex="0">${renderPlain(card)}</pre></section>`,
  };
}

function platformBlock(preview: PlatformPreview, shown: Shown, card: Card, words: Translator): Markup {
  const { messages, isWhole, opened } = shown;
  const about = words.t("web.preview.platform.about", { count: messages.length });
  const numbered = (sent: readonly object[], name: string): Markup[] =>
    sent.map((each, at) => {
      const title = words.t("web.preview.message", { number: at + 1, count: sent.length });
      return drawn(preview, each, sent.length === 1 ? name : `${name} · ${title}`, card, words);
    });
  const behind = opened.map(({ by, views }) => {
    const title = words.t("web.preview.opened", { button: by });
    return view`<details class="opened"><summary>${title}</summary>${numbered(views, `${preview.name} · ${title}`)}</details>`;
  });
  return view`<section class="preview"><h2>${preview.name}</h2>
    <p class="muted">${about} ${isWhole ? "" : words.t("web.preview.not_whole")}</p>${numbered(messages, preview.name)}${behind}</section>`;
}

function drawn({ draw }: PlatformPreview, sent: object, name: string, { language }: Card, words: Translator): Markup {
  return view`<figure class="drawn" lang="${language}" aria-label="${words.t("web.preview.drawn", { name })}">${draw(sent, words)}</figure>
    <details class="sent"><summary>${words.t("web.preview.json")}</summary><pre class="text" tabindex="0" aria-label="${name}">${jsonOf(sent)}</pre></details>`;
}
