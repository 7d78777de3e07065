import { createHash } from "node:crypto";
import { z } from "zod";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import type { DiscordApi, Upload } from "./api.ts";
import { openLines } from "./kept-lines.ts";
import { LIMITS } from "./limits.ts";
import { isRefusal } from "./problems.ts";
import { createRecent } from "./recent.ts";
import type { Sheet } from "./sheet.ts";

const Line = z.object({
  key: z.string(),
  /** When it was first tried. */
  at: z.number(),
  /** Where it is known: the message. */
  id: z.string().optional(),
});
type Line = z.infer<typeof Line>;

/** Posts each message once, however often it is asked, by however many processes, and however long after. */
export interface Poster {
  /** `isOld`: it was posted by an earlier try, and shows what was to be shown then. */
  post(channel: string, key: string, sheet: Sheet, upload?: Upload): Promise<{ id: string; isOld: boolean }>;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}

/**
 * Discord posts once for a nonce, but knows it for a short while only (discord-api-docs#6647). So each try is noted
 * before it is made: one that may have arrived long ago is first looked for, by the number that its container carries.
 */
export async function openPoster(file: string, api: DiscordApi, clock: Clock, log: Log): Promise<Poster> {
  const most = LIMITS.messagesKept;
  const lines = await openLines({ file, schema: Line, keyOf: ({ key }) => key, most }, log);
  const tried = createRecent<string, Line>(most);
  for (const line of lines.known) tried.set(line.key, line);
  const note = (line: Line): void => {
    tried.set(line.key, line);
    lines.keep(line);
  };
  return {
    post: async (channel, key, sheet, upload) => {
      const before = tried.get(key);
      if (before?.id !== undefined) return { id: before.id, isOld: true };
      const at = before?.at ?? clock.now();
      const mark = markOf(key);
      if (before === undefined) {
        note({ key, at });
        await lines.flush();
      } else if (clock.now() - at > LIMITS.nonceMs) {
        const found = await api.find(channel, mark);
        if (found !== undefined) {
          note({ key, at, id: found });
          return { id: found, isOld: true };
        }
      }
      try {
        const id = await api.post(channel, key, marked(sheet, mark), upload);
        note({ key, at, id });
        return { id, isOld: before !== undefined };
      } catch (error) {
        // What Discord refused did not arrive: it need not be looked for.
        if (before === undefined && isRefusal(error)) tried.delete(key);
        throw error;
      }
    },
    flush: () => lines.flush(),
  };
}

/** A number for the container of a message, by which it is known again; Discord takes 32 bits, and counts from 1. */
function markOf(key: string): number {
  return (createHash("sha256").update(key).digest().readUInt32BE() >>> 1) | (1 << 20);
}

function marked({ components: [container], file }: Sheet, id: number): Sheet {
  return { components: [{ ...container, id }], file };
}
