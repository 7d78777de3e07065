import { blocksOf, parsed } from "./payload.ts";
import { viewProblems } from "./rules.ts";
import type { Outcome, Sending, Sockets } from "./sockets.ts";
import { BOT, type FakeMessage, type FakeView, type Json, type World } from "./world.ts";

/** What people do in Slack. Every act resolves when it was acknowledged, or nobody waits for that any more. */
export interface People {
  say(
    user: string,
    channel: string,
    text: string,
    more?: Json,
    how?: Sending,
  ): Promise<{ ts: string; ack: Outcome["ack"] }>;
  click(
    user: string,
    message: FakeMessage,
    action: string,
    how?: Omit<Sending, "retry"> & { readonly actionTs?: string },
  ): Promise<Outcome>;
  /** Sends a form with what stands chosen in it, and the changes: by block id. Its acknowledgement is applied to it. */
  submit(view: FakeView, changes?: Json): Promise<Outcome>;
  /** What a form would send now. */
  valuesOf(view: FakeView, changes?: Json): Json;
  /** Opens the Home tab. */
  goHome(user: string): Promise<Outcome>;
  /** Picks something in a control of the Home tab. */
  chooseAtHome(user: string, action: string, value: string): Promise<Outcome>;
  command(user: string, channel: string, text: string): Promise<Outcome>;
  shortcut(user: string, message: FakeMessage, callback: string): Promise<Outcome>;
}

export function createPeople(world: World, deliver: Sockets["deliver"]): People {
  const { base, problems, views, homes, users, next, stamp } = world;
  const triggerOf = (user: string): string => `trigger-${next()}|${user}`;
  const teamOf = (user: string): string => users.get(user)?.team ?? BOT.team;
  const responseUrl = (user: string, channel: string, ts = ""): string => `${base}/respond/${user}~${channel}~${ts}`;
  const threadOf = ({ thread }: FakeMessage): Json => (thread === undefined ? {} : { thread_ts: thread });
  const happened = (event: Json, more: Json, how?: Sending): Promise<Outcome> =>
    deliver("events_api", { type: "event_callback", team_id: BOT.team, event_id: `Ev${next()}`, ...more, event }, how);
  const interact = (user: string, more: Json, how?: Sending): Promise<Outcome> => {
    const who = { team: { id: BOT.team }, user: { id: user, team_id: teamOf(user) } };
    return deliver("interactive", { ...who, trigger_id: triggerOf(user), ...more }, how);
  };

  return {
    say: async (user, channel, text, more = {}, how = {}) => {
      const ts = typeof more["ts"] === "string" ? more["ts"] : stamp();
      const message = { type: "message", user, channel, channel_type: "channel", ts, text, team: teamOf(user) };
      const { ack } = await happened({ ...message, ...more }, { authorizations: [{ team_id: BOT.team }] }, how);
      return { ts, ack };
    },
    click: (user, message, action, { actionTs = stamp(), ...how } = {}) => {
      const element = blocksOf(message)
        .flatMap((block) => blocksOf({ blocks: block["elements"] }))
        .find(({ action_id }) => action_id === action);
      const { ts, channel, onlyFor } = message;
      const place = { message_ts: ts, channel_id: channel, is_ephemeral: onlyFor !== undefined };
      const payload = {
        type: "block_actions",
        response_url: responseUrl(user, channel, ts),
        container: { type: "message", ...place, ...threadOf(message) },
        channel: { id: channel },
        message: { ts, ...threadOf(message) },
        actions: [{ type: "button", action_id: action, value: element?.["value"], action_ts: actionTs }],
      };
      return interact(user, payload, how);
    },
    valuesOf,
    submit: async (form, changes = {}) => {
      const view = { id: form.id, hash: form.hash, ...form.view, state: { values: valuesOf(form, changes) } };
      const outcome = await interact(form.user, { type: "view_submission", view });
      const action = outcome.ack?.payload["response_action"];
      if (action === "update") {
        const updated = parsed(outcome.ack?.payload["view"]);
        problems.push(...viewProblems(updated).map((problem) => `response_action: ${problem}`));
        Object.assign(form, { view: updated, hash: `${next()}` });
      } else if (action === undefined && outcome.ack !== undefined) views.splice(views.indexOf(form), 1);
      return outcome;
    },
    goHome: (user) => happened({ type: "app_home_opened", user, tab: "home" }, {}),
    chooseAtHome: (user, action_id, value) => {
      const home = homes.get(user) ?? {};
      const block = blocksOf(home).find(({ elements }) =>
        blocksOf({ blocks: elements }).some((element) => element["action_id"] === action_id),
      );
      const chosen = { type: "static_select", action_id, action_ts: stamp(), selected_option: { value } };
      const payload = {
        type: "block_actions",
        container: { type: "view", view_id: `VHOME${user}` },
        view: { id: `VHOME${user}`, hash: `${next()}`, ...home },
        actions: [{ ...chosen, block_id: block?.["block_id"] }],
      };
      return interact(user, payload);
    },
    command: (user, channel, text) =>
      deliver("slash_commands", {
        command: "/cox",
        text,
        user_id: user,
        channel_id: channel,
        team_id: BOT.team,
        trigger_id: triggerOf(user),
        response_url: responseUrl(user, channel),
      }),
    shortcut: (user, message, callback_id) => {
      const { channel, ts, text } = message;
      const response_url = responseUrl(user, channel);
      const about = { ts, text, ...threadOf(message) };
      return interact(user, {
        type: "message_action",
        callback_id,
        channel: { id: channel },
        message: about,
        response_url,
      });
    },
  };
}

function valuesOf({ view }: FakeView, changes: Json = {}): Json {
  return Object.fromEntries(
    blocksOf(view)
      .filter(({ type }) => type === "input")
      .map((block) => {
        const element = parsed(block["element"]);
        const id = String(block["block_id"]);
        return [id, { [String(element["action_id"])]: id in changes ? changes[id] : standing(element) }];
      }),
  );
}

/** What an input holds without anybody's doing. */
function standing(element: Json): Json {
  return {
    value: element["initial_value"] ?? null,
    selected_option: element["initial_option"] ?? null,
    selected_options: element["initial_options"] ?? [],
  };
}
