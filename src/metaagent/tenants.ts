import type { Actor } from "../contracts/id.ts";
import type { RolePattern } from "../contracts/role.ts";
import type { MetaTask } from "../contracts/task.ts";
import { matcherOf } from "./authorize.ts";

/** Whose share a task counts against. */
export type TenantOf = (task: MetaTask) => string;

export interface TenantSettings {
  /** What counts as one tenant. */
  readonly by: "user" | "channel" | "team";
  /** Who belongs to which team, people and groups of a platform as in the roles; the first that fits counts. */
  readonly teams: Readonly<Record<string, readonly RolePattern[]>>;
}

/**
 * A task that names its tenant counts against that one. Otherwise it is the channel of its home thread (`web:work`),
 * or the requester's team, as the settings say; who has neither counts alone, as `surface:user`.
 */
export function tenantsFrom(
  { by, teams }: TenantSettings,
  membershipsOf: (actor: Actor) => readonly string[] = () => [],
): TenantOf {
  const members = Object.entries(teams).map(([team, patterns]) => ({ team, has: matcherOf(patterns) }));
  const namesOf = (actor: Actor): Actor[] =>
    [actor.user, ...membershipsOf(actor)].map((name) => ({ ...actor, user: name }));
  return ({ tenant, requestedBy, bindings }) => {
    if (tenant !== undefined) return tenant;
    const user = `${requestedBy.surface}:${requestedBy.user}`;
    switch (by) {
      case "user":
        return user;
      case "channel": {
        const home = bindings.find(({ role }) => role === "home");
        return home === undefined ? user : `${home.surface}:${home.channel}`;
      }
      case "team":
        return members.find(({ has }) => namesOf(requestedBy).some((name) => has(name)))?.team ?? user;
    }
  };
}
