import { z } from "zod";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import type { SlackApi } from "./api.ts";
import type { Pace } from "./pace.ts";

/** Somebody in Slack, as Slack's server knows them; nothing of it comes from the payload of a click. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** BCP 47. */
  readonly language: string;
  /** Undefined: may do what their roles allow. */
  readonly refusedAs: "guest" | "external" | "bot" | undefined;
}

export interface People {
  /** Undefined where Slack does not say who it is: then they may do nothing. */
  person(user: string): Promise<Person | undefined>;
  /** Groups of this user that settings name, as last known. Call `refreshGroups` before. */
  groupsOf(user: string): readonly string[];
  refreshGroups(): Promise<void>;
  /** Slack says that groups changed. */
  forgetGroups(): void;
  /** Asks for the names of those that the settings give roles to, so that a refusal can say who may. */
  learnNames(): Promise<void>;
  /** The name of such a user, or of such a group as `group:S0123`; undefined where Slack has not said it. */
  nameOf(user: string): string | undefined;
}

const User = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string().optional(),
    enterprise_user: z.object({ teams: z.array(z.string()).optional() }).optional(),
    name: z.string().default(""),
    real_name: z.string().nullish(),
    locale: z.string().nullish(),
    deleted: z.boolean().default(false),
    is_bot: z.boolean().default(false),
    is_restricted: z.boolean().default(false),
    is_ultra_restricted: z.boolean().default(false),
    is_stranger: z.boolean().default(false),
    profile: z.object({ display_name: z.string().nullish() }).optional(),
  }),
});
const Groups = z.object({ usergroups: z.array(z.object({ id: z.string(), handle: z.string() })).default([]) });
const Members = z.object({ users: z.array(z.string()).default([]) });

const PERSON_MS = 10 * 60_000;
const GROUPS_MS = 60_000;
const PEOPLE_KEPT = 5000;

export function createPeople(means: {
  readonly api: SlackApi;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Log;
  readonly team: () => string | undefined;
  /** Ids of the user groups that the settings give roles to. */
  readonly groups: readonly string[];
  /** Ids of the users that the settings give roles to. */
  readonly named: readonly string[];
  readonly allow: { readonly guests: boolean; readonly externals: boolean };
}): People {
  const { api, pace, clock, log, groups, named } = means;
  const names = new Map<string, string>();
  const known = new Map<string, { readonly at: number; readonly person: Promise<Person | undefined> }>();
  const members = new Map<string, ReadonlySet<string>>();
  let groupsAt = -Infinity;
  let refreshing: Promise<void> | undefined;

  const look = async (user: string): Promise<Person | undefined> => {
    try {
      await pace.turn("people", "users.info");
      const args = { user, include_locale: true };
      const found = await api.call("users.info", args, { rate: "people", lane: "users.info", answer: User });
      return personOf(found.user);
    } catch (error) {
      known.delete(user);
      log.warn({ user, err: messageOf(error) }, "Slack does not say who somebody is");
      return undefined;
    }
  };
  const personOf = (user: z.infer<typeof User>["user"]): Person => {
    const called = [user.profile?.display_name, user.real_name, user.name];
    const name = (called.find((text) => text !== undefined && text !== null && text !== "") ?? user.id).slice(0, 200);
    if (named.includes(user.id)) names.set(user.id, name);
    return {
      id: user.id,
      name,
      language: user.locale ?? "en",
      refusedAs: refusal(user),
    };
  };
  const refusal = (user: z.infer<typeof User>["user"]): Person["refusedAs"] => {
    const team = means.team();
    const isOurs = user.team_id === team || user.enterprise_user?.teams?.includes(team ?? "") === true;
    if (user.is_bot || user.deleted) return "bot";
    if ((!isOurs || user.is_stranger) && !means.allow.externals) return "external";
    return (user.is_restricted || user.is_ultra_restricted) && !means.allow.guests ? "guest" : undefined;
  };
  const loadGroups = async (): Promise<void> => {
    for (const group of groups) {
      try {
        await pace.turn("groups", "");
        const { users } = await api.call(
          "usergroups.users.list",
          { usergroup: group },
          { rate: "groups", answer: Members },
        );
        members.set(group, new Set(users));
      } catch (error) {
        // Who was in it yesterday is not known to be in it today.
        members.delete(group);
        log.warn(
          { group, err: messageOf(error) },
          "Slack does not say who is in a user group; its roles are not given",
        );
      }
    }
    groupsAt = clock.now();
  };
  const nameGroups = async (): Promise<void> => {
    try {
      await pace.turn("groups", "");
      const { usergroups } = await api.call("usergroups.list", {}, { rate: "groups", answer: Groups });
      for (const { id, handle } of usergroups) if (groups.includes(id)) names.set(`group:${id}`, `@${handle}`);
    } catch (error) {
      log.warn({ err: messageOf(error) }, "Slack does not say what user groups are called");
    }
  };
  const personNamed = (user: string): Promise<Person | undefined> => {
    const before = known.get(user);
    if (before !== undefined && clock.now() - before.at < PERSON_MS) return before.person;
    const person = look(user);
    known.delete(user);
    known.set(user, { at: clock.now(), person });
    if (known.size > PEOPLE_KEPT) known.delete(known.keys().next().value ?? "");
    return person;
  };

  return {
    person: personNamed,
    learnNames: async () => {
      await Promise.all([...named.map(personNamed), ...(groups.length === 0 ? [] : [nameGroups()])]);
    },
    nameOf: (user) => names.get(user),
    groupsOf: (user) => groups.filter((group) => members.get(group)?.has(user) === true),
    refreshGroups: () => {
      if (groups.length === 0 || clock.now() - groupsAt < GROUPS_MS) return Promise.resolve();
      refreshing ??= loadGroups().finally(() => (refreshing = undefined));
      return refreshing;
    },
    forgetGroups: () => {
      groupsAt = -Infinity;
    },
  };
}
