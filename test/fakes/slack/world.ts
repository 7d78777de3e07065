import { BOT_SCOPES } from "../../../adapters/slack/manifest.ts";

export type Json = Record<string, unknown>;

export interface FakeMessage {
  readonly channel: string;
  readonly ts: string;
  readonly thread: string | undefined;
  text: string;
  blocks: Json[];
  readonly key: string | undefined;
  /** Text that nobody but this user sees. */
  readonly onlyFor?: string;
  readonly file?: FakeFile;
  edits: number;
}

export interface FakeFile {
  readonly name: string;
  readonly content: string;
}

export interface FakeView {
  readonly id: string;
  hash: string;
  view: Json;
  readonly user: string;
}

export interface FakeUser {
  readonly name: string;
  readonly team?: string;
  readonly guest?: boolean;
  readonly bot?: boolean;
  readonly locale?: string;
}

/** The bot itself, and the workspace that it is at home in. */
export const BOT = { user: "U0BOT", id: "B0BOT", team: "T0HOME", token: "xoxb-fake-0000" } as const;

/** What Slack holds: messages, forms, people, and what it lets the app do. */
export interface World {
  /** Where Slack is reached over HTTP. */
  readonly base: string;
  /** Payloads that Slack would have refused, with the reasons. */
  readonly problems: string[];
  readonly messages: FakeMessage[];
  readonly views: FakeView[];
  /** The Home tab of each user, as it was published last. */
  readonly homes: Map<string, Json>;
  readonly users: Map<string, FakeUser>;
  readonly groups: Map<string, string[]>;
  /** Channels that the bot was removed from, that are gone or archived: what Slack then says to every call there. */
  readonly closed: Map<string, "not_in_channel" | "channel_not_found" | "is_archived">;
  /** Files on their way. */
  readonly uploads: Map<string, FakeFile>;
  /** The rights that the app has; all that it asks for unless said otherwise. */
  granted: readonly string[];
  /** The app was taken out of the workspace. */
  revoked: boolean;
  /** Triggers are taken no more. */
  triggersExpire: boolean;
  /** New connections are refused. */
  refusesSockets: boolean;
  /** A number that was not there before. */
  readonly next: () => number;
  /** The time of the next message. */
  readonly stamp: () => string;
}

export function createWorld(base: string): World {
  let counter = 0;
  const next = (): number => (counter += 1);
  return {
    base,
    problems: [],
    messages: [],
    views: [],
    homes: new Map(),
    users: new Map(),
    groups: new Map(),
    closed: new Map(),
    uploads: new Map(),
    granted: BOT_SCOPES,
    revoked: false,
    triggersExpire: false,
    refusesSockets: false,
    next,
    stamp: () => `${1_700_000_000 + next()}.000100`,
  };
}
