import { App, type Receiver } from "@slack/bolt";
import { CoxswainError } from "../../src/errors.ts";
import { clientOptions } from "./api.ts";
import { handleClick } from "./clicks.ts";
import type { Desk } from "./desk.ts";
import { handleForm } from "./forms.ts";
import { showHome } from "./home.ts";
import { quietLogger } from "./quiet-logger.ts";
import { handleShortcut, handleSpoken, handleTyped } from "./talk.ts";
import { clickedIn, sentIn, shortcutIn, spokenIn, typedIn } from "./translate.ts";

/** Who the bot is in its workspace, as Slack said; undefined until it did. */
export interface Identity {
  readonly team: string;
  readonly botUser: string;
  readonly bot: string;
}

export interface BoltMeans {
  readonly receiver: Receiver;
  readonly token: string;
  readonly apiUrl: string;
  readonly timeoutMs: number;
  readonly desk: Desk;
  readonly identity: () => Identity | undefined;
  /** The token was taken away, or the app was removed from the workspace. */
  readonly revoked: (reason: string) => void;
}

/** Bolt as the dispatcher of what came in; everything that it could do behind our back is switched off. */
export function createBoltApp({ receiver, token, desk, identity, revoked, ...rest }: BoltMeans): App {
  const { log } = desk;
  const app = new App({
    receiver,
    // Bolt's own check asks Slack once, and where that fails it acknowledges and drops everything that follows.
    authorize: () => {
      const known = identity();
      if (known === undefined) {
        return Promise.reject(new CoxswainError("slack.unknown_self", "Slack has not said yet who this bot is."));
      }
      return Promise.resolve({ botToken: token, botId: known.bot, botUserId: known.botUser, teamId: known.team });
    },
    clientOptions: clientOptions({ ...rest, log }),
    convoStore: false,
    logger: quietLogger(log),
  });
  // What goes wrong must reach the receiver: it acknowledges nothing then, and Slack delivers again.
  app.error(async (failure) => {
    throw failure;
  });

  const hear = async ({ body }: { body: unknown }): Promise<void> => {
    const spoken = spokenIn(body);
    if (spoken !== undefined) await handleSpoken(desk, spoken);
  };
  app.event("message", hear);
  app.event("app_mention", hear);
  app.action(/^/, async ({ body, ack }) => {
    const clicked = clickedIn(body);
    await (clicked === undefined ? ack() : handleClick(desk, clicked, (response) => answered(ack, response)));
  });
  app.view(/^cx\./, async ({ body, ack }) => {
    const sent = sentIn(body);
    await (sent === undefined ? ack() : handleForm(desk, sent, (response) => answered(ack, response)));
  });
  app.command(/^\/cox/, async ({ body, ack }) => {
    const typed = typedIn(body);
    await (typed === undefined ? ack() : handleTyped(desk, typed, (response) => answered(ack, response)));
  });
  app.shortcut(/^cx\./, async ({ body, ack }) => {
    const shortcut = shortcutIn(body);
    await (shortcut === undefined ? ack() : handleShortcut(desk, shortcut, () => ack()));
  });
  app.event("app_home_opened", ({ body }) => showHome(desk, body));
  app.event("subteam_members_changed", async () => desk.people.forgetGroups());
  app.event("app_uninstalled", async () => revoked("app_uninstalled"));
  app.event("tokens_revoked", async () => revoked("tokens_revoked"));
  return app;
}

/** Bolt types what may be said back by what came; our forms are made by us, and checked against Slack's rules in tests. */
async function answered(ack: (response?: never) => Promise<void>, response: unknown): Promise<void> {
  const send: (response?: unknown) => Promise<void> = ack as (response?: unknown) => Promise<void>;
  await send(response);
}
