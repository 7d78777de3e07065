import type { AgentCard } from "../../../src/contracts/agent.ts";
import { GOVERNANCE_AGENTS } from "../../../src/contracts/agent.ts";
import type { Macro } from "../../../src/contracts/macro.ts";
import type { MessageKey, Translator } from "../../../src/i18n.ts";
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
      catalog.agents.map((agent) => agentRow(agent, words)),
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
    .map(
      ({ name, value, source }) =>
        view`<tr><th scope="row"><code>${name}</code></th><td><code>${typeof value === "string" ? value : JSON.stringify(value)}</code></td><td class="muted">${source === "default" ? words.t("web.settings.default") : source}</td></tr>`,
    );
  return {
    title: words.t("web.nav.settings"),
    body: view`<h1>${words.t("web.nav.settings")}</h1><p class="muted">${words.t("web.settings.about")}</p>
    <dl class="facts">${facts.map(([key, value]) => view`<div><dt>${words.t(key)}</dt><dd><code>${value}</code></dd></div>`)}</dl>
    ${tableOf(words.t("web.nav.settings"), [words.t("web.settings.name"), words.t("web.settings.value"), words.t("web.settings.source")], rows)}`,
  };
}

function macroBlock(macro: Macro, words: Translator): Markup {
  const say = (byLanguage: Record<string, string>): string => words.say({ kind: "localized", byLanguage });
  return view`<article class="card macro" aria-labelledby="macro-${macro.id}"><header><span class="kind">${macro.id}</span><h3 id="macro-${macro.id}">${say(macro.title)}</h3></header>
    <p>${say(macro.description)}</p>
    <dl class="lines">${macro.lanes.length === 0 ? "" : view`<div><dt>${words.t("web.catalog.lanes")}</dt><dd>${words.list(macro.lanes.map((lane) => say(lane.title)))}</dd></div>`}
    ${Object.entries(macro.args).map(([id, argument]) => view`<div><dt><code>${id}</code></dt><dd>${say(argument.title)} ${defaultOf(argument, words)}</dd></div>`)}</dl></article>`;
}

function defaultOf({ default: value }: Macro["args"][string], words: Translator): Markup | string {
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return text === "" ? "" : view`<span class="muted">${words.t("web.catalog.default", { value: text })}</span>`;
}

function agentRow(agent: AgentCard, words: Translator): Markup {
  return view`<tr><th scope="row">${words.say({ kind: "localized", byLanguage: agent.title })}<code class="muted">${agent.id}</code></th><td>${words.list(agent.capabilities)}</td></tr>`;
}
