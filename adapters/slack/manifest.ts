/**
 * The rights that the app asks for, no wider than what is used; the README says what each is for. The app-level token
 * of Socket Mode (`connections:write`) is made by hand, since no manifest can.
 */
export const BOT_SCOPES = [
  "app_mentions:read",
  "channels:history",
  "channels:read",
  "chat:write",
  "commands",
  "files:write",
  "groups:history",
  "groups:read",
  "im:history",
  "metadata.message:read",
  "usergroups:read",
  "users:read",
] as const;

const BOT_EVENTS = [
  "app_home_opened",
  "app_mention",
  "app_uninstalled",
  "message.channels",
  "message.groups",
  "message.im",
  "subteam_members_changed",
  "tokens_revoked",
] as const;

export interface ManifestWords {
  readonly description: string;
  readonly usage: string;
  readonly runMessage: string;
  readonly runStatus: string;
}

/** The app as Slack takes it ("From a manifest"). `url`: where Slack calls the bot, for HTTP; without it Socket Mode. */
export function slackManifest(words: ManifestWords, url?: string): Record<string, unknown> {
  const address = url === undefined ? {} : { request_url: url };
  const shortcut = (name: string, callback_id: string) => ({
    name,
    type: "message",
    callback_id,
    description: name,
  });
  return {
    display_information: { name: "Coxswain", description: words.description },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: "Coxswain", always_online: true },
      shortcuts: [shortcut(words.runMessage, "cx.run_message"), shortcut(words.runStatus, "cx.run_status")],
      slash_commands: [
        {
          command: "/cox",
          description: words.description,
          usage_hint: words.usage,
          should_escape: false,
          ...(url === undefined ? {} : { url }),
        },
      ],
    },
    oauth_config: { scopes: { bot: [...BOT_SCOPES] } },
    settings: {
      event_subscriptions: { ...address, bot_events: [...BOT_EVENTS] },
      interactivity: { is_enabled: true, ...address },
      org_deploy_enabled: false,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  };
}
