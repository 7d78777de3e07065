import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const SessionFile = z.object({ token: z.string().min(32) });

/**
 * The secret of the printed address. It is kept (readable by the user alone), so that browsers stay signed in when the
 * bot is restarted; deleting the file signs all of them out.
 */
export async function sessionToken(folder: string): Promise<string> {
  const path = join(folder, "session.json");
  const known = await readToken(path);
  if (known !== undefined) return known;
  const token = randomBytes(32).toString("base64url");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(path, "w", 0o600);
  try {
    // A file that was there before keeps its mode; the secret must not inherit it.
    await file.chmod(0o600);
    await file.writeFile(JSON.stringify({ token }));
  } finally {
    await file.close();
  }
  return token;
}

/** What every form carries beside the cookie: a page of another origin can send the cookie, but cannot read this. */
export function formToken(token: string): string {
  return createHmac("sha256", token).update("form").digest("base64url");
}

export function sameSecret(came: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(came ?? ""), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function readToken(path: string): Promise<string | undefined> {
  try {
    return SessionFile.safeParse(JSON.parse(await readFile(path, "utf8"))).data?.token;
  } catch {
    return undefined;
  }
}
