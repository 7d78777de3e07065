import { ComponentType, type APIMessageTopLevelComponent } from "discord.js";
import { LIMITS } from "./limits.ts";

/** What of a message counts against Discord's limits. */
export interface Weight {
  readonly components: number;
  readonly characters: number;
  /** Bytes, with the surcharge for each text display. */
  readonly weight: number;
}

type Component = { readonly type: ComponentType };

/** Counts nested components and accessories, and the text of all displays. */
export function weightOf(components: readonly APIMessageTopLevelComponent[]): Weight {
  return components.map(weightOfOne).reduce(sum, { components: 0, characters: 0, weight: 0 });
}

export function sum(a: Weight, b: Weight): Weight {
  return {
    components: a.components + b.components,
    characters: a.characters + b.characters,
    weight: a.weight + b.weight,
  };
}

export function fits({ components, characters, weight }: Weight): boolean {
  return components <= LIMITS.components && characters <= LIMITS.characters && weight <= LIMITS.weight;
}

function weightOfOne(component: Component): Weight {
  const nested = nestedIn(component).map(weightOfOne);
  const text = component.type === ComponentType.TextDisplay && "content" in component ? String(component.content) : "";
  const own: Weight = {
    components: 1,
    characters: Array.from(text).length,
    weight: text === "" ? 0 : Buffer.byteLength(text) + LIMITS.weightOfDisplay,
  };
  return nested.reduce(sum, own);
}

function nestedIn(component: Component): readonly Component[] {
  const inside = "components" in component && Array.isArray(component.components) ? component.components : [];
  return "accessory" in component ? [...inside, component.accessory as Component] : inside;
}
