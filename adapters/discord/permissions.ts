import { OverwriteType, PermissionFlagsBits, type APIChannel, type APIGuildMember, type APIRole } from "discord.js";

/** Everything that the bot does in a channel, and nothing else; as Discord names it. */
export const NEEDED = {
  "View Channels": PermissionFlagsBits.ViewChannel,
  "Send Messages": PermissionFlagsBits.SendMessages,
  "Send Messages in Threads": PermissionFlagsBits.SendMessagesInThreads,
  "Create Public Threads": PermissionFlagsBits.CreatePublicThreads,
  // Takes locked threads out of the archive, to show there what became of a run.
  "Manage Threads": PermissionFlagsBits.ManageThreads,
  "Read Message History": PermissionFlagsBits.ReadMessageHistory,
  "Attach Files": PermissionFlagsBits.AttachFiles,
  "Embed Links": PermissionFlagsBits.EmbedLinks,
} as const;

/** Where one of these is missing, nobody would see a run. */
const TO_SHOW_A_RUN = ["View Channels", "Send Messages", "Send Messages in Threads", "Create Public Threads"] as const;

/** Names of the permissions without which nobody would see a run, and that are not among these. */
export function missingToShowARun(permissions: bigint): string[] {
  return TO_SHOW_A_RUN.filter((name) => (permissions & NEEDED[name]) === 0n);
}

/** The link by which somebody who manages a server adds the bot to it. */
export function inviteLink(applicationId: string): string {
  const permissions = Object.values(NEEDED).reduce((all, bit) => all | bit, 0n);
  const query = new URLSearchParams({
    client_id: applicationId,
    scope: "bot applications.commands",
    permissions: String(permissions),
  });
  return `https://discord.com/oauth2/authorize?${query.toString()}`;
}

/**
 * Names of the needed permissions that a member lacks in a channel (developer documentation, Permission Overwrites):
 * of everyone, then of the roles together, then of the member.
 */
export function missingIn(
  channel: APIChannel,
  member: Pick<APIGuildMember, "roles">,
  userId: string,
  guildId: string,
  roles: readonly Pick<APIRole, "id" | "permissions">[],
): string[] {
  const own = roles.filter(({ id }) => id === guildId || member.roles.includes(id));
  const base = own.reduce((all, { permissions }) => all | BigInt(permissions), 0n);
  if ((base & PermissionFlagsBits.Administrator) !== 0n) return [];
  const overwrites = "permission_overwrites" in channel ? (channel.permission_overwrites ?? []) : [];
  const apply = (before: bigint, some: typeof overwrites): bigint => {
    const denied = some.reduce((all, { deny }) => all | BigInt(deny), 0n);
    const allowed = some.reduce((all, { allow }) => all | BigInt(allow), 0n);
    return (before & ~denied) | allowed;
  };
  const ofEveryone = apply(
    base,
    overwrites.filter(({ id }) => id === guildId),
  );
  const isRole = ({ id, type }: (typeof overwrites)[number]): boolean =>
    type === OverwriteType.Role && id !== guildId && member.roles.includes(id);
  const ofRoles = apply(ofEveryone, overwrites.filter(isRole));
  const all = apply(
    ofRoles,
    overwrites.filter(({ id, type }) => type === OverwriteType.Member && id === userId),
  );
  return Object.entries(NEEDED).flatMap(([name, bit]) => ((all & bit) === 0n ? [name] : []));
}
