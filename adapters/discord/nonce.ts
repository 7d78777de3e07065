import { createHash } from "node:crypto";
import { LIMITS } from "./limits.ts";

/** The same message has the same nonce, in this process and the next: Discord then posts it once (`enforce_nonce`). */
export function nonceOf(key: string): string {
  return createHash("sha256").update(key).digest("base64url").slice(0, LIMITS.nonce);
}
