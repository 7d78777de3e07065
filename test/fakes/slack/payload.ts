import type { FakeMessage, Json } from "./world.ts";

/** A field as text; "" where it is none. */
export function word(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function blocksOf({ blocks }: { readonly blocks?: unknown }): Json[] {
  return Array.isArray(blocks) ? blocks.map(parsed) : [];
}

/** An object, also where it comes as JSON; empty where it is none. */
export function parsed(value: unknown): Json {
  const known: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return typeof known === "object" && known !== null && !Array.isArray(known) ? { ...known } : {};
}

/** The message that a call asks for. */
export function messageOf(args: Json): Pick<FakeMessage, "channel" | "thread" | "text" | "blocks" | "key"> {
  const key = parsed(parsed(args["metadata"])["event_payload"])["key"];
  return {
    channel: word(args["channel"]),
    thread: args["thread_ts"] === undefined ? undefined : word(args["thread_ts"]),
    text: word(args["text"]),
    blocks: blocksOf(args),
    key: typeof key === "string" ? key : undefined,
  };
}

/** Forms as Slack's own clients send them, with everything that is no text as JSON. */
export function argsOf(body: string): Json {
  const fields = Object.fromEntries(new URLSearchParams(body));
  const known = ["blocks", "metadata", "view"];
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, known.includes(name) ? JSON.parse(value) : value]),
  );
}
