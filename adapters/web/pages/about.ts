import type { AgentCard } from "../../../src/contracts/agent.ts";
import { GOVERNANCE_AGENTS } from "../../../src/contracts/agent.ts";
import type { Macro } from "../../../src/contracts/macro.ts";
import { isMessageKey, type MessageKey, type Translator } from "../../../src/i18n.ts";
import type { Catalog } from "../../../src/ports.ts";
import type { Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { view, type Markup } from "../markup.ts";
import { tableOf } from "./parts.ts";

/** One effective setting and who said so. */
export interface ShownSetting {
  readonly name: string;
  readonly value: unknown;
  readonly source: string;
}

/** What the bot can do: macros with their lanes and arguments, and the agents that do the work. */
export function catalogPage(catalog: Pick<Catalog, "macros" | "agents">, scene: Scene): PageParts {
  const { words } = scene.viewer;
  return {
    title: words.t("web.nav.catalog"),
    body: view`<h1>${words.t("web.nav.catalog")}</h1>
    <h2>${words.t("web.catalog.macros")}</h2>${catalog.macros.map((macro) => macroBlock(macro, words))}
    <h2>${words.t("web.catalog.agents")}</h2>${tableOf(
      words.t("web.catalog.agents"),
      [words.t("web.catalog.agent"), words.t("web.catalog.capabilities")],
      catalog.agents.map((agent) => agentCells(agent, words)),
    )}
    <h2>${words.t("web.catalog.governance")}</h2><p class="muted">${words.t("web.catalog.governance_about")}</p><ul class="names">${GOVERNANCE_AGENTS.map((name) => view`<li><code>${name}</code></li>`)}</ul>`,
  };
}

/** What holds, and who said so: shipped file, own file, environment, flag. */
export function settingsPage(
  settings: readonly ShownSetting[],
  facts: readonly (readonly [MessageKey, string])[],
  scene: Scene,
): PageParts {
  const { words } = scene.viewer;
  const rows = settings
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, value, source }) => [
      view`<code>${name}</code>`,
      view`<code>${typeof value === "string" ? value : JSON.stringify(value)}</code>`,
      view`<span class="muted whole">${source === "default" ? words.t("web.settings.default") : source}</span>`,
    ]);
  return {
    title: words.t("web.nav.settings"),
    body: view`<h1>${words.t("web.nav.settings")}</h1><p class="muted">${words.t("web.settings.about")}</p>
    <dl class="facts">${facts.map(([key, value]) => view`<div><dt>${words.t(key)}</dt><dd><code>${value}</code></dd></div>`)}</dl>
    ${tableOf(words.t("web.nav.settings"), [words.t("web.settings.name"), words.t("web.settings.value"), words.t("web.settings.source")], rows)}`,
  };
}

function macroBlock(macro: Macro, words: Translator): Markup {
  const say = (byLanguage: Record<string, string>): string => words.say({ kind: "localized", byLanguage });
  return view`<article class="card macro" aria-labelledby="macro-${macro.id}"><header><h3 id="macro-${macro.id}">${say(macro.title)}</h3><code class="muted">${macro.id}</code></header>
    <p>${say(macro.description)}</p>
    <dl class="lines">${macro.lanes.length === 0 ? "" : view`<div><dt>${words.t("web.catalog.lanes")}</dt><dd>${words.list(macro.lanes.map((lane) => say(lane.title)))}</dd></div>`}
    ${Object.entries(macro.args).map(([id, argument]) => view`<div><dt>${say(argument.title)}</dt><dd>${defaultOf(macro, argument, words)} <code class="muted">${id}</code></dd></div>`)}</dl></article>`;
}

/** What holds unless somebody says otherwise, as people would say it. */
function defaultOf({ lanes }: Macro, argument: Macro["args"][string], words: Translator): string {
  const say = (byLanguage: Record<string, string>): string => words.say({ kind: "localized", byLanguage });
  switch (argument.type) {
    case "boolean":
      return words.t(argument.default ? "card.yes" : "card.no");
    case "lanes": {
      const titles = lanes.filter(({ id }) => argument.default.includes(id)).map(({ title }) => say(title));
      return words.list(titles);
    }
    case "choice":
      return say(argument.labels?.[argument.default] ?? { en: argument.default });
    case "integer":
      return String(argument.default);
    case "string":
      return argument.default === "" ? words.t("card.empty_value") : argument.default;
  }
}

function agentCells(agent: AgentCard, words: Translator): Markup[] {
  const title = words.say({ kind: "localized", byLanguage: agent.title });
  return [
    view`${title}<code class="muted">${agent.id}</code>`,
    view`${words.list(agent.capabilities.map((name) => capabilityWords(name, words)))}`,
  ];
}

/** What a lane is matched by is English; that of agents that ship has words, that of others is shown as it is. */
function capabilityWords(capability: string, words: Translator): string {
  const key = `web.capability.${capability.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")}`;
  return isMessageKey(key) ? words.t(key) : capability;
}
