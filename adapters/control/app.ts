import { Hono, type Context } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { streamSSE } from "hono/streaming";
import { Command } from "../../src/contracts/command.ts";
import { RunId } from "../../src/contracts/id.ts";
import type { RunWatchMessage } from "../../src/contracts/view.ts";
import { CoxswainError, InputError, messageOf, parseAtDoor } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { createMailbox } from "../../src/mailbox.ts";
import type { Door, Query } from "../../src/ports.ts";
import { createAutomationApp, type AutomationAccess } from "./automation.ts";
import { parseJson, refuse, strictUtf8 } from "./http.ts";
import { BODY_LIMIT, RunFilterParams, type ControlError, type Hello, type WorkedOn } from "./protocol.ts";

export interface ControlAppOptions {
  readonly door: Door;
  readonly query: Query;
  readonly hello: Hello;
  /** Whether this owner works on the run; a terminal program works on its own run only. */
  readonly worksOn: (runId: RunId) => boolean;
  readonly token: string;
  readonly log: Log;
  /** The automation API; undefined where this owner works on its own run only. */
  readonly automation?: AutomationAccess | undefined;
  /** How often a silent watch gets a sign of life; HTTP clients give up on a body that is silent for minutes. */
  readonly keepAliveMs: number;
}

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** Door and Query over HTTP, for programs of the same user on the same machine. */
export function createControlApp(options: ControlAppOptions): Hono {
  const { door, query, hello, worksOn, token, log, keepAliveMs, automation } = options;
  const app = new Hono();

  app.use(async (c, next) => {
    // A page in a browser can be made to call loopback: by its own script (Origin), or by a name that resolves to it (Host).
    if (!LOOPBACK_HOST.test(c.req.header("host") ?? "")) {
      return refuse(c, 403, "control.host", "This address answers only as 127.0.0.1, localhost or [::1].");
    }
    if (c.req.header("origin") !== undefined) {
      return refuse(c, 403, "control.origin", "This address is for programs; pages in a browser are refused.");
    }
    return next();
  });
  const limited = bodyLimit({
    maxSize: BODY_LIMIT,
    onError: (c) => refuse(c, 413, "control.too_large", `A body of at most ${BODY_LIMIT} bytes was expected.`),
  });
  app.use(async (c, next) => {
    // bodyLimit fails on the requests of our server where it would have to look at the body itself.
    if (c.req.header("content-length") !== undefined) return limited(c, next);
    if (c.req.header("transfer-encoding") === undefined) return next();
    return refuse(c, 411, "control.length_required", "The length of the body was expected, as content-length.");
  });
  // With a token of its own, and before ours is asked for: a program that starts tasks cannot answer for people.
  if (automation !== undefined) app.route("/api", createAutomationApp({ door, query, ...automation }));
  app.use(
    bearerAuth({
      token,
      noAuthenticationHeader: { message: UNAUTHORIZED },
      invalidAuthenticationHeader: { message: UNAUTHORIZED },
      invalidToken: { message: UNAUTHORIZED },
    }),
  );

  app.get("/v1/hello", (c) => c.json(hello));
  app.post("/v1/commands", async (c) => {
    if (!/^application\/json\b/i.test(c.req.header("content-type") ?? "")) {
      return refuse(c, 415, "control.json_only", "A body of type application/json was expected.");
    }
    const body = strictUtf8(await c.req.arrayBuffer());
    if (body === undefined) return refuse(c, 400, "control.not_utf8", "A body in UTF-8 was expected.");
    return c.json(await door.handle(parseAtDoor(Command, parseJson(body), "The command")));
  });
  app.get("/v1/runs", async (c) => {
    const { status, search, limit, offset } = parseAtDoor(RunFilterParams, c.req.query(), "The filter");
    const filter = { limit, offset, ...(status && { status }), ...(search !== undefined && { search }) };
    return c.json(await query.runs(filter));
  });
  app.get("/v1/runs/:id", async (c) => found(c, await query.run(runIdOf(c))));
  app.get("/v1/runs/:id/document", async (c) => found(c, await query.document(runIdOf(c))));
  app.get("/v1/runs/:id/set-aside", async (c) => found(c, await query.setAside(runIdOf(c))));
  app.get("/v1/queue", async (c) => c.json(await query.queue()));
  app.get("/v1/runs/:id/worked-on", (c) => c.json({ workedOn: worksOn(runIdOf(c)) } satisfies WorkedOn));
  app.get("/v1/runs/:id/watch", async (c) => {
    const runId = runIdOf(c);
    if ((await query.run(runId)) === undefined) return found(c, undefined);
    return streamSSE(c, async (stream) => {
      const mailbox = createMailbox<RunWatchMessage>();
      const unwatch = query.watch(runId, (message) => mailbox.put(placeOf(message), message));
      const timer = setInterval(() => mailbox.beat(), keepAliveMs);
      stream.onAbort(() => mailbox.close());
      try {
        // The client may have gone before the listener above was there.
        if (stream.aborted) return;
        for (let mail = await mailbox.take(); mail !== undefined; mail = await mailbox.take()) {
          if (mail.kind === "beat") await stream.write(": \n\n");
          else await stream.writeSSE({ data: JSON.stringify(mail.message) });
        }
      } finally {
        clearInterval(timer);
        unwatch();
      }
    });
  });

  app.notFound((c) => refuse(c, 404, "control.unknown_path", `There is nothing at ${c.req.path}.`));
  app.onError((error, c) => {
    if (error instanceof InputError) return refuse(c, 400, error.code, error.message);
    if (error instanceof HTTPException) return error.getResponse();
    log.error({ err: error, path: c.req.path }, "control request failed");
    const code = error instanceof CoxswainError ? error.code : "control.internal";
    return refuse(c, 500, code, messageOf(error));
  });
  return app;
}

const UNAUTHORIZED = {
  code: "control.unauthorized",
  message: "The token of control.json in the state root was expected as bearer token.",
} as const satisfies ControlError;

function found(c: Context, value: object | undefined): Response {
  return value === undefined ? refuse(c, 404, "run.unknown", "There is no run with this id.") : c.json(value);
}

/** What a newer message of a watched run takes the place of: the view, the trouble, or the progress of one lane. */
function placeOf(message: RunWatchMessage): string {
  return message.kind === "progress" ? `lane:${message.laneId}` : message.kind;
}

function runIdOf(c: Context): RunId {
  return parseAtDoor(RunId, c.req.param("id"), "The run id");
}
