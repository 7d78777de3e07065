import { z } from "zod";
import type { Actor } from "../../src/contracts/id.ts";
import type { Log } from "../../src/log.ts";
import { openLines } from "./kept-lines.ts";
import { LIMITS } from "./limits.ts";
import type { Person } from "./payload.ts";
import { createRecent } from "./recent.ts";
import { SURFACE_NAME } from "./surface-name.ts";

const Line = z.object({ user: z.string(), locale: z.string() });

/** Who people are, which roles they have in the server, and their language, as Discord said with their last act. */
export interface People {
  /** Notes the roles, so that they hold when the command is checked a moment later. */
  actorOf(who: Person): Actor;
  /** `role:<id>` of each role; in the settings they stand as `discord:role:<id>`. */
  membershipsOf(actor: Actor): readonly string[];
  /** By what name somebody acted last; undefined for who has not acted yet, and for roles. */
  nameOf(user: string): string | undefined;
  /** The language of somebody's Discord: it comes with clicks and commands, and not with what they write. */
  speaks(user: string, locale: string): void;
  /** As last known, also from before a restart. */
  localeOf(user: string): string | undefined;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}

export async function openPeople(file: string, log: Log): Promise<People> {
  const most = LIMITS.localesKept;
  const lines = await openLines({ file, schema: Line, keyOf: ({ user }) => user, most }, log);
  const roles = createRecent<string, readonly string[]>(LIMITS.peopleKept);
  const names = createRecent<string, string>(LIMITS.peopleKept);
  const locales = createRecent<string, string>(most);
  for (const { user, locale } of lines.known) locales.set(user, locale);
  return {
    actorOf: ({ id, name, roles: given }) => {
      roles.set(id, given);
      names.set(id, name);
      return { surface: SURFACE_NAME, user: id, displayName: name };
    },
    membershipsOf: ({ surface, user }) =>
      surface === SURFACE_NAME ? (roles.get(user) ?? []).map((id) => `role:${id}`) : [],
    nameOf: (user) => names.get(user),
    speaks: (user, locale) => {
      if (locales.get(user) === locale) return;
      locales.set(user, locale);
      lines.keep({ user, locale });
    },
    localeOf: (user) => locales.get(user),
    flush: () => lines.flush(),
  };
}
