import type { Actor } from "../../src/contracts/id.ts";
import { LIMITS } from "./limits.ts";
import type { Person } from "./payload.ts";
import { createRecent } from "./recent.ts";
import { SURFACE_NAME } from "./surface.ts";

/** Who people are, and which roles they have in the server, as Discord said with their last act. */
export interface People {
  /** Notes the roles, so that they hold when the command is checked a moment later. */
  actorOf(who: Person): Actor;
  /** `role:<id>` of each role; in the settings they stand as `discord:role:<id>`. */
  membershipsOf(actor: Actor): readonly string[];
  /** By what name somebody acted last; undefined for who has not acted yet, and for roles. */
  nameOf(user: string): string | undefined;
}

export function createPeople(): People {
  const roles = createRecent<string, readonly string[]>(LIMITS.peopleKept);
  const names = createRecent<string, string>(LIMITS.peopleKept);
  return {
    actorOf: ({ id, name, roles: given }) => {
      roles.set(id, given);
      names.set(id, name);
      return { surface: SURFACE_NAME, user: id, displayName: name };
    },
    membershipsOf: ({ surface, user }) =>
      surface === SURFACE_NAME ? (roles.get(user) ?? []).map((id) => `role:${id}`) : [],
    nameOf: (user) => names.get(user),
  };
}
