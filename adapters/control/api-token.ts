import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../src/errors.ts";

const SHORTEST = 32;

/**
 * The token of the automation API: the one that the operator has set, else the one in `api-token` in the state root,
 * which is made once, readable by the user alone, and stays the same over restarts. Throws an InputError for one that
 * can be guessed.
 */
export async function apiTokenIn(stateRoot: string, configured: string | undefined): Promise<string> {
  const file = join(stateRoot, "api-token");
  const token = configured ?? (await existing(file)) ?? (await create(stateRoot, file));
  const problem = tokenProblem(configured === undefined ? file : "COXSWAIN_API_TOKEN", token);
  if (problem === undefined) return token;
  throw new InputError("api.weak_token", problem);
}

/** Why a token is not taken: it can be guessed; undefined for one that is. */
export function tokenProblem(where: string, token: string): string | undefined {
  if (token.length >= SHORTEST && /^[\x21-\x7e]+$/.test(token)) return undefined;
  return `${where}: a token of at least ${SHORTEST} printable characters was expected, one of ${token.length} came. Make one with: openssl rand -hex 32`;
}

async function existing(file: string): Promise<string | undefined> {
  try {
    const token = (await readFile(file, "utf8")).trim();
    // A file that was copied may have become readable for others.
    await chmod(file, 0o600);
    return token;
  } catch {
    return undefined;
  }
}

async function create(stateRoot: string, file: string): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  await mkdir(stateRoot, { recursive: true });
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: "wx" });
  return token;
}
