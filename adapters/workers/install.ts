import { exists } from "../files.ts";

/** Lock file → the command that installs exactly what it holds, without running anybody's scripts. */
const INSTALLERS: readonly (readonly [string, readonly string[]])[] = [
  ["package-lock.json", ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]],
  ["npm-shrinkwrap.json", ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]],
  ["pnpm-lock.yaml", ["pnpm", "install", "--frozen-lockfile", "--ignore-scripts"]],
  ["yarn.lock", ["yarn", "install", "--frozen-lockfile", "--ignore-scripts"]],
];

/** The command that installs the dependencies of the current folder; undefined where no lock file names one. */
export async function installCommand(): Promise<readonly string[] | undefined> {
  for (const [lock, argv] of INSTALLERS) if (await exists(lock)) return argv;
  return undefined;
}
