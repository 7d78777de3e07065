import type { ChatRequest } from "../../src/commands/chat.ts";
import { channelWorkspace } from "../../src/commands/channel-workspace.ts";
import { converse, type ChatReply } from "../../src/commands/converse.ts";
import type { Channel } from "../../src/contracts/channel.ts";
import type { RunId } from "../../src/contracts/id.ts";
import type { Door, Query } from "../../src/ports.ts";
import type { People } from "./people.ts";
import type { Person } from "./payload.ts";
import { SURFACE_NAME } from "./surface-name.ts";

export interface TalkParts {
  readonly door: Door;
  readonly query: Query;
  readonly people: People;
  readonly channels: readonly Channel[];
}

export interface Spoken {
  readonly who: Person;
  readonly channel: string;
  /** The run in whose thread it was said. */
  readonly runId: RunId | undefined;
  /** The message from which the thread of a run is opened; undefined: one of the bot's own. */
  readonly start: string | undefined;
  readonly said: string;
  readonly commandId: string;
  readonly language: string;
}

/** What somebody says in Discord, in the one grammar of every platform. */
export function talk(
  { door, query, people, channels }: TalkParts,
  request: ChatRequest,
  spoken: Spoken,
): Promise<ChatReply> {
  const { who, channel, runId, start, ...rest } = spoken;
  const home = { surface: SURFACE_NAME, channel, role: "home" } as const;
  return converse(request, {
    ...rest,
    door,
    query,
    by: people.actorOf(who),
    surface: SURFACE_NAME,
    channel,
    bindings: [start === undefined ? home : { ...home, thread: start }],
    workspace: channelWorkspace(channels, SURFACE_NAME, channel),
    ...(runId === undefined ? {} : { runId }),
  });
}
