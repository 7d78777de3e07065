import {
  GuildDefaultMessageNotifications,
  GuildExplicitContentFilter,
  GuildMFALevel,
  GuildNSFWLevel,
  GuildPremiumTier,
  GuildSystemChannelFlags,
  GuildVerificationLevel,
  type GatewayGuildCreateDispatchData,
} from "discord-api-types/v10";

/** What a server has of its own. */
type Own = "roles" | "preferred_locale" | "joined_at" | "channels" | "threads";

/** A server without anything in it, as the gateway describes one. */
export function aServer(id: string, owner: string): Omit<GatewayGuildCreateDispatchData, Own> {
  return {
    id,
    name: "a server",
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: owner,
    region: "",
    afk_channel_id: null,
    afk_timeout: 60,
    verification_level: GuildVerificationLevel.None,
    default_message_notifications: GuildDefaultMessageNotifications.AllMessages,
    explicit_content_filter: GuildExplicitContentFilter.Disabled,
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: GuildMFALevel.None,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: GuildSystemChannelFlags.SuppressJoinNotifications,
    rules_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: GuildPremiumTier.None,
    public_updates_channel_id: null,
    nsfw_level: GuildNSFWLevel.Default,
    premium_progress_bar_enabled: false,
    safety_alerts_channel_id: null,
    incidents_data: null,
    hub_type: null,
    large: false,
    member_count: 5,
    voice_states: [],
    members: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}
