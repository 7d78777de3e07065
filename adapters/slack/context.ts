import type { ChatContext } from "../../src/commands/converse.ts";
import type { Desk, Visitor } from "./desk.ts";
import type { Place } from "./modals/metadata.ts";
import { SURFACE_NAME } from "./surface-name.ts";

/** By whom and where something is said; a run that is started by it shows its cards in `home`. */
export function contextOf(
  desk: Desk,
  { actor, words, chosen }: Visitor,
  home: Place,
  about: Pick<ChatContext, "commandId" | "said" | "runId">,
): ChatContext {
  return {
    ...about,
    door: desk.door,
    query: desk.query,
    by: actor,
    surface: SURFACE_NAME,
    channel: home.channel,
    bindings: [{ surface: SURFACE_NAME, role: "home", ...home }],
    workspace: desk.workspaceOf(home.channel),
    language: words.language,
    chosenLanguage: chosen,
  };
}
