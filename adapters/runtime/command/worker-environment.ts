import { delimiter, dirname } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What every program needs to run at all; anything else an agent card has to name. */
const ALWAYS = ["HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SystemRoot"];

/**
 * The environment of a worker: an allow-list, so that no token of the bot and no setting of a package runner
 * reaches it. `ours` are the bot's own variables and win over everything.
 */
export function workerEnvironment(
  bot: Environment,
  allowed: readonly string[],
  ours: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = [...ALWAYS, ...allowed].filter((name) => !/^npm_/i.test(name));
  const picked = names.flatMap((name): [string, string][] => {
    const value = bot[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(picked), PATH: workerPath(bot["PATH"] ?? ""), ...ours };
}

/**
 * Our own Node first. The folders that `npm run` puts in front are left out: a worker would otherwise run the
 * bot's packages in place of those of the repository that it works on.
 */
function workerPath(path: string): string {
  const folders = path.split(delimiter).filter((folder) => folder !== "" && !isFromPackageRunner(folder));
  return [...new Set([dirname(process.execPath), ...folders])].join(delimiter);
}

function isFromPackageRunner(folder: string): boolean {
  return /[\\/](node_modules[\\/]\.bin|node-gyp-bin)[\\/]?$/.test(folder);
}
