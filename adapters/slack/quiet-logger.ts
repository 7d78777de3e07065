import { LogLevel, type Logger } from "@slack/web-api";
import type { Log } from "../../src/log.ts";

/** What Slack's libraries want to say, in our log: warnings and errors only, and nothing that looks like a token. */
export function quietLogger(log: Log): Logger {
  const say = (level: "warn" | "error", parts: readonly unknown[]): void => {
    log[level]({ from: "slack" }, withoutTokens(parts.map(String).join(" ")));
  };
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts) => say("warn", parts),
    error: (...parts) => say("error", parts),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}

export function withoutTokens(text: string): string {
  return text
    .replace(/\bx(?:ox[a-z]|app)-[A-Za-z0-9-]+/g, "[token]")
    .replace(/\bwss:\/\/\S+/g, "[socket]")
    .replace(/\bhttps?:\/\/hooks\.\S+/g, "[response address]");
}
