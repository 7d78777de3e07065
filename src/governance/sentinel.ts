import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { MacroLane, Risk } from "../contracts/macro.ts";
import type { PreflightPacket } from "../contracts/packets/critical.ts";

/** meta-sentinel: what may be read, written and used, and what must not leave (G29). */

export type Use = MacroLane["uses"][number];

export interface Scope {
  readonly readScope: string[];
  readonly writeScope: string[];
  readonly authorizationTier: PreflightPacket["authorizationTier"];
}

/** Lanes write in copies only. `keepsReport`: the person chose to have the report in the workspace itself. */
export function scopeOf(
  workspace: string,
  lanes: readonly { readonly writes: readonly string[] }[],
  keepsReport: boolean,
): Scope {
  const globs = [...new Set(lanes.flatMap((lane) => lane.writes))];
  const report = keepsReport ? [`one new report file in ${workspace}`] : [];
  return {
    readScope: [workspace],
    writeScope: [...globs.map((glob) => `${glob} in the run's own copy`), ...report],
    authorizationTier: keepsReport ? "workspace_write" : globs.length > 0 ? "isolated_write" : "read_only",
  };
}

const RISKS: readonly Risk[] = ["low", "medium", "high"];

/** The highest of what the macro says, what its lanes use, and what the goal's words warn of. */
export function riskOf(declared: Risk, lanes: readonly Pick<MacroLane, "uses" | "writes">[], warned: boolean): Risk {
  const runsCode = lanes.some((lane) => lane.uses.includes("repository_code") || lane.writes.length > 0);
  return maximum(declared, runsCode ? "medium" : "low", warned ? "high" : "low");
}

function maximum(...risks: Risk[]): Risk {
  return risks.reduce((highest, risk) => (RISKS.indexOf(risk) > RISKS.indexOf(highest) ? risk : highest));
}

const SECRET_NAME = /(?:^|[_-])(?:token|secret|passw(?:or)?d|api[_-]?key|credential)s?(?:$|[_-])/i;
const SECRET_VALUE =
  /\b(?:gh[pousr]_\w{20,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{20,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY)/;

/** Names of arguments that carry a secret: arguments are kept on the run and shown on cards. */
export function secretArguments(args: Readonly<Record<string, ArgumentValue>>): string[] {
  return Object.entries(args).flatMap(([name, value]) => {
    const texts = [value].flat().map(String);
    const named = SECRET_NAME.test(name) && typeof value === "string" && value !== "";
    return named || texts.some((text) => SECRET_VALUE.test(text)) ? [name] : [];
  });
}

/** A quoted value, or a word that no code would have as a name: long, and with a digit in it. */
const SECRET_ASSIGNMENT =
  /((?:token|secret|passw(?:or)?d|api[_-]?key|credential)s?["']?\s*[:=]\s*)(?:"[^"]+"|'[^']+'|`[^`]+`|(?=\S*\d)[\w+/=-]{8,}(?![\w.(]))/giu;

/** A line of a file as it may be shown in a chat: what looks like a secret is taken out. */
export function withoutSecrets(line: string): string {
  return line.replace(new RegExp(`${SECRET_VALUE.source}[\\w+/=-]*`, "gu"), "•••").replace(SECRET_ASSIGNMENT, "$1•••");
}

/** A lane's uses, without those that somebody has forbidden. */
export function allowedUses(uses: readonly Use[], forbidden: readonly Use[]): Use[] {
  return uses.filter((use) => !forbidden.includes(use));
}
