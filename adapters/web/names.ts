import type { Macro } from "../../src/contracts/macro.ts";
import { isMessageKey, type Translator } from "../../src/i18n.ts";
import type { Scene } from "./form.ts";
import { SURFACE_NAME } from "./surface.ts";
import type { Persona } from "./viewer.ts";

/**
 * What people call a tenant or macro. Who has no team counts alone, as `web:<persona>`; a channel counts as
 * `web:<channel>`. What nothing better is known of keeps its name.
 */
export function namesIn(personas: readonly Persona[], macros: readonly Macro[], words: Translator): Scene["nameOf"] {
  return (kind, name) => {
    if (kind === "macro") {
      const macro = macros.find(({ id }) => id === name);
      return macro === undefined ? name : words.say({ kind: "localized", byLanguage: macro.title });
    }
    if (!name.startsWith(`${SURFACE_NAME}:`)) return elsewhere(name, words);
    const own = name.slice(SURFACE_NAME.length + 1);
    return personas.find(({ id }) => id === own)?.name ?? channelName(own, words);
  };
}

/** Who counts alone on another surface is `terminal:<user>` and the like; a team keeps its name. */
function elsewhere(name: string, words: Translator): string {
  const at = name.indexOf(":");
  const place = `web.place.${name.slice(0, Math.max(0, at))}`;
  return isMessageKey(place) ? words.t("web.tenant.of", { name: name.slice(at + 1), place: words.t(place) }) : name;
}

/** The channels that every console has are called as in the navigation. */
export function channelName(channel: string, words: Translator): string {
  if (channel === "work") return words.t("web.nav.work");
  return channel === "operators" ? words.t("web.nav.operators") : channel;
}
