import type { Actor } from "../contracts/id.ts";
import type { RolePattern, Role } from "../contracts/role.ts";
import { raw, type Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";

/**
 * Who of a surface has a role, in the names by which people know them there: for what a refusal says, never to
 * authorize. The names are chosen by their bearers, so surfaces escape them like everything from outside.
 */
export type WhoMay = (role: Role, surface: string) => readonly string[];

/** So many are named; the others are counted. */
const NAMED = 8;

/** From the settings: who has the role itself first, then who may do everything. */
export function whoMayFrom(
  given: Readonly<Record<Role, readonly RolePattern[]>>,
  nameOf: (actor: Actor) => string | undefined,
): WhoMay {
  return (role, surface) => {
    const users = [...given[role], ...given.admin].flatMap((pattern) => {
      const at = pattern.indexOf(":");
      const [place, user] = [pattern.slice(0, at), pattern.slice(at + 1)];
      // A pattern for many names nobody.
      return (place === surface || place === "*") && !user.includes("*") ? [user] : [];
    });
    return [...new Set(users)].map((user) => nameOf({ surface, user }) ?? user);
  };
}

/** "Who may: …", as part of a refusal. */
export function whoMayText(people: readonly string[]): Text {
  if (people.length === 0) return keyed("auth.who.nobody");
  const more = people.length - NAMED;
  const named = people.slice(0, NAMED).map(raw);
  return keyed("auth.who.named", { people: more > 0 ? [...named, keyed("auth.who.more", { count: more })] : named });
}
