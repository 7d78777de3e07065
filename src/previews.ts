import type { PlatformPreview } from "../adapters/web/pages/preview.ts";
import type { ResolvedSettings } from "./config.ts";

/** How the console shows what a card becomes in other places, whether or not the bot is connected there. */
export function previewsOf({ slack }: Pick<ResolvedSettings, "slack">): PlatformPreview[] {
  // The libraries are large: they are loaded when somebody looks.
  return [
    {
      name: "Slack (Block Kit)",
      show: async (card) => (await import("../adapters/slack/preview.ts")).previewInSlack(card, slack.notice),
    },
    {
      name: "Discord (components)",
      show: async (card) => (await import("../adapters/discord/preview.ts")).previewInDiscord(card),
    },
  ];
}
