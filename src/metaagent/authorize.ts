import type { Command } from "../contracts/command.ts";
import type { Actor } from "../contracts/id.ts";
import type { RolePattern } from "../contracts/role.ts";
import { Role } from "../contracts/role.ts";
import type { Run } from "../contracts/run.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import type { RefusalOf } from "../ports.ts";
import { WAIVE } from "../spine/policy-decision.ts";
import { whoMayText, type WhoMay } from "./who-may.ts";

/** The roles of an actor now, from the settings. */
export type RolesOf = (actor: Actor) => ReadonlySet<Role>;

interface Rule {
  readonly role: Role;
  /** May who started the run do it to that run? `as_requester`: only with the role requester still given. */
  readonly own: "no" | "always" | "as_requester";
}

/**
 * Who may do what; the one place where it stands. `admin` may do everything. What can be read is not restricted here.
 *
 * | command                       | role      | on a run that one started oneself |
 * | ----------------------------- | --------- | --------------------------------- |
 * | start                         | requester |                                   |
 * | select, answer, take it back  | approver  | with the role requester           |
 * | cancel                        | operator  | always                            |
 * | choose or change the language | approver  | always                            |
 * | answer where a rule blocks    | approver, operator | with the role requester  |
 * | waive a rule                  | operator  | no                                |
 * | dead letters: retry, discard  | operator  | no                                |
 * | the queue: pause, weigh, drain… | operator | no                                |
 */
const RULES: Readonly<Record<Command["kind"], Rule>> = {
  "run.start": { role: "requester", own: "no" },
  "decision.answer": { role: "approver", own: "as_requester" },
  "decision.select": { role: "approver", own: "as_requester" },
  "decision.undo": { role: "approver", own: "as_requester" },
  "run.cancel": { role: "operator", own: "always" },
  "run.message": { role: "approver", own: "always" },
  "language.set": { role: "approver", own: "always" },
  "dead_letter.retry": { role: "operator", own: "no" },
  "dead_letter.discard": { role: "operator", own: "no" },
  "queue.pause": { role: "operator", own: "no" },
  "queue.resume": { role: "operator", own: "no" },
  "queue.raise": { role: "operator", own: "no" },
  "queue.lower": { role: "operator", own: "no" },
  "queue.weigh": { role: "operator", own: "no" },
  "queue.drain": { role: "operator", own: "no" },
  "queue.undrain": { role: "operator", own: "no" },
};

export interface NotAllowed {
  readonly code: "auth.not_allowed";
  /** Says which role may, and who of the same surface has it. */
  readonly message: Text;
}

/** Undefined where the one who asks may; asked at the time of the command, so a role that was taken away is gone. */
export function authorize(
  command: Command,
  run: Run | undefined,
  { rolesOf, whoMay }: { readonly rolesOf: RolesOf; readonly whoMay: WhoMay },
): NotAllowed | undefined {
  if (isAboutRule(command, run) && mayWaive(command.by, rolesOf)) return undefined;
  const message = refusalsFrom(rolesOf, whoMay)(command.kind, command.by, run?.task.requestedBy);
  return message === undefined ? undefined : { code: "auth.not_allowed", message };
}

/** Setting a rule aside is an operator's, whoever started the run and whoever may answer its other questions (M6). */
export function mayWaive(by: Actor, rolesOf: RolesOf): boolean {
  const roles = rolesOf(by);
  return roles.has("admin") || roles.has("operator");
}

function isAboutRule(command: Command, run: Run | undefined): boolean {
  if (command.kind !== "decision.answer" && command.kind !== "decision.select") return false;
  const named = command.decisionId;
  return (run?.decisions ?? []).some(
    ({ kind, status, decisionId }) =>
      kind === "policy_violation" && status === "open" && (named === undefined || named === decisionId),
  );
}

/** The same rules for what a surface shows before anything is asked for. */
export function refusalsFrom(rolesOf: RolesOf, whoMay: WhoMay): RefusalOf {
  return (kind, by, owner, about, option) => {
    const isAnswer = kind === "decision.answer" || kind === "decision.select";
    if (isAnswer && about === "policy_violation") {
      if (mayWaive(by, rolesOf)) return undefined;
      if (option === WAIVE) return keyed("policy.waive_not_allowed");
    }
    const rule = RULES[kind];
    const roles = rolesOf(by);
    if (roles.has("admin") || roles.has(rule.role)) return undefined;
    const ownerMay =
      owner !== undefined &&
      (rule.own === "always" || (rule.own === "as_requester" && rolesOf(owner).has("requester")));
    if (ownerMay && isSame(owner, by)) return undefined;
    const key = rule.own === "no" ? "auth.refused.role" : "auth.refused.role_or_own";
    const starter = ownerMay && owner.surface === by.surface ? [owner.displayName ?? owner.user] : [];
    return keyed(key, {
      action: keyed(`auth.action.${kind}`),
      role: keyed(`auth.role.${rule.role}`),
      who: whoMayText([...new Set([...starter, ...whoMay(rule.role, by.surface)])]),
    });
  };
}

/** By surface and user id; a display name is chosen by its bearer and proves nothing. */
function isSame(a: Actor, b: Actor): boolean {
  return a.surface === b.surface && a.user === b.user;
}

/** The roles by the patterns of the settings: `surface:user`, where `*` stands for anything. */
export function rolesFrom(given: Readonly<Record<Role, readonly RolePattern[]>>): RolesOf {
  const matchers = Role.options.map((role) => ({ role, has: matcherOf(given[role]) }));
  return (actor) => new Set(matchers.filter(({ has }) => has(actor)).map(({ role }) => role));
}

/** Is somebody meant by one of the patterns? */
export function matcherOf(patterns: readonly RolePattern[]): (actor: Actor) => boolean {
  const matchers = patterns.map(patternOf);
  return ({ surface, user }) => matchers.some((pattern) => pattern.surface.test(surface) && pattern.user.test(user));
}

/** The same, with the roles of the groups that somebody is in: `slack:group:S0123` is given a role like a user. */
export function rolesWith(rolesOf: RolesOf, membershipsOf: (actor: Actor) => readonly string[]): RolesOf {
  return (actor) => new Set([actor.user, ...membershipsOf(actor)].flatMap((user) => [...rolesOf({ ...actor, user })]));
}

/** Both sides apart, so that `*` on one side never reaches into the other. */
function patternOf(pattern: RolePattern): { surface: RegExp; user: RegExp } {
  const at = pattern.indexOf(":");
  return { surface: glob(pattern.slice(0, at)), user: glob(pattern.slice(at + 1)) };
}

function glob(text: string): RegExp {
  const parts = text.split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join(".*")}$`, "su");
}
