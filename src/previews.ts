import { drawDiscord } from "../adapters/web/drawn/discord.ts";
import { drawSlack } from "../adapters/web/drawn/slack.ts";
import type { PlatformPreview } from "../adapters/web/pages/preview.ts";
import type { ResolvedSettings } from "./config.ts";
import type { Clock } from "./ports.ts";

/** How the console shows what a card becomes in other places, whether or not the bot is connected there. */
export function previewsOf({ slack }: Pick<ResolvedSettings, "slack">, clock: Pick<Clock, "now">): PlatformPreview[] {
  // The libraries are large: they are loaded when somebody looks.
  return [
    {
      name: "Slack (Block Kit)",
      show: async (card) => (await import("../adapters/slack/preview.ts")).previewInSlack(card, slack.notice),
      draw: (sent, words) => drawSlack(sent, { words, now: clock.now() }),
    },
    {
      name: "Discord (components)",
      show: async (card) => (await import("../adapters/discord/preview.ts")).previewInDiscord(card),
      draw: (sent, words) => drawDiscord(sent, { words, now: clock.now() }),
    },
  ];
}
