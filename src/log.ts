import { pino, type Logger } from "pino";

export type Log = Logger;

/** Names of fields whose values never reach a log, wherever they stand. */
const SECRET_FIELDS = ["token", "authorization", "password", "secret", "apiKey", "cookie"];

/** JSON lines on standard error, secrets redacted. `silent` for programs that own the terminal. */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: { pid: process.pid },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: "[redacted]" },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
