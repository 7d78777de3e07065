import { once } from "node:events";
import { createServer } from "node:http";
import { createPeople, type People } from "./people.ts";
import { createRequests, type Requests } from "./requests.ts";
import { createSockets, type Sockets } from "./sockets.ts";
import { BOT, createWorld, type World } from "./world.ts";

/** What tests look at and put in. */
type Holdings = "problems" | "messages" | "views" | "homes" | "users" | "groups" | "closed";

export interface FakeSlack
  extends Pick<World, Holdings>, Omit<Requests, "take">, Omit<Sockets, "count" | "stop">, People {
  readonly apiUrl: string;
  readonly bot: typeof BOT;
  /** How many sockets stand. */
  sockets(): number;
  /** New connections are refused. */
  refuseSockets(yes: boolean): void;
  /** Triggers are taken no more. */
  expireTriggers(yes: boolean): void;
  revoke(yes: boolean): void;
  /** The rights that the app has; all that it asks for unless said otherwise. */
  grant(...scopes: string[]): void;
  close(): Promise<void>;
}

/** A Slack on loopback: Web API and Socket Mode, for the real Bolt and the real clients. */
export async function startFakeSlack(): Promise<FakeSlack> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  const world = createWorld(`http://127.0.0.1:${address.port}`);
  const { take, ...requests } = createRequests(world);
  server.on("request", take);
  const { count, stop, ...sockets } = createSockets(server, world);
  const { problems, messages, views, homes, users, groups, closed } = world;
  return {
    apiUrl: `${world.base}/api/`,
    bot: BOT,
    problems,
    messages,
    views,
    homes,
    users,
    groups,
    closed,
    ...requests,
    ...sockets,
    ...createPeople(world, sockets.deliver),
    sockets: count,
    refuseSockets: (yes) => {
      world.refusesSockets = yes;
    },
    expireTriggers: (yes) => {
      world.triggersExpire = yes;
    },
    revoke: (yes) => {
      world.revoked = yes;
    },
    grant: (...scopes) => {
      world.granted = scopes;
    },
    close: async () => {
      stop();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
