import { setTimeout as delay } from "node:timers/promises";
import { connectControl, type ControlClient } from "../../adapters/control/client.ts";
import { serveControl, type ControlServer } from "../../adapters/control/server.ts";
import type { Bot } from "../bot.ts";
import type { RunId } from "../contracts/id.ts";
import { CoxswainError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Session } from "./session.ts";

export interface OpenSessionOptions {
  readonly stateRoot: string;
  readonly version: string;
  readonly log: Log;
  readonly openBot: () => Promise<Bot>;
}

/** An owner that just starts does not answer yet, and one that just ends still has the lock. */
const TRIES = 20;
const TRY_EVERY_MS = 150;

/** Through the owner of the state root where one answers, else as its owner. Rejects with the reason where neither is possible. */
export async function openSession(options: OpenSessionOptions): Promise<Session> {
  for (let tries = 1; ; tries += 1) {
    const client = await connectControl(options.stateRoot);
    if (client !== undefined) return attachedSession(client);
    try {
      return ownedSession(await options.openBot(), options);
    } catch (error) {
      const isTaken = error instanceof CoxswainError && error.code === "engine.root_in_use";
      if (!isTaken || tries === TRIES) throw error;
      await delay(TRY_EVERY_MS);
    }
  }
}

function attachedSession(client: ControlClient): Session {
  return {
    door: client,
    query: client,
    owner: false,
    follow: (runId) => client.worksOn(runId),
    lost: client.lost,
    close: async () => client.close(),
  };
}

/** Works on the runs that are followed, and on no other; other programs can look and answer meanwhile. */
function ownedSession(bot: Bot, { stateRoot, version, log }: OpenSessionOptions): Session {
  const { metaAgent } = bot;
  const followed = new Set<RunId>();
  const worksOn = (runId: RunId): boolean => followed.has(runId);
  let control: ControlServer | undefined;
  return {
    door: metaAgent,
    query: metaAgent,
    owner: true,
    async follow(runId) {
      followed.add(runId);
      if (control !== undefined) return true;
      const options = { door: metaAgent, query: metaAgent, worksOn, stateRoot, version, log };
      // Any port: a fixed one is the bot's.
      control = await serveControl({ ...options, host: "127.0.0.1", port: 0 });
      await metaAgent.start({ accepts: worksOn });
      return true;
    },
    lost: new Promise(() => {}),
    async close() {
      await control?.stop();
      await bot.stop();
    },
  };
}
