import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { RunId } from "../../src/contracts/id.ts";
import { InputError, messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { AuditOf, Catalog, Door, Query, RefusalOf, RunFiles } from "../../src/ports.ts";
import { actRoutes } from "./routes/act.ts";
import type { Changes } from "./changes.ts";
import { chatRoutes } from "./routes/chat.ts";
import { eventRoutes } from "./routes/events.ts";
import { pageRoutes } from "./routes/pages.ts";
import { sameOriginOnly, secureHeaders, signedInOnly } from "./guard.ts";
import { LIMITS } from "./limits.ts";
import { createNotes, type Notes } from "./notes.ts";
import type { ShownSetting } from "./pages/about.ts";
import type { PlatformPreview } from "./pages/preview.ts";
import type { Telemetry } from "./pages/telemetry.ts";
import { problemPage, PROBLEM_STATUS, type Problem } from "./pages/problem.ts";
import { formToken } from "./session.ts";
import { loadStaticFiles } from "./static-files.ts";
import type { ThreadStore } from "./store.ts";
import { viewerOf, type Persona } from "./viewer.ts";

export interface ConsoleAppOptions {
  readonly door: Door;
  readonly query: Query;
  readonly files: Pick<RunFiles, "readArtifact">;
  readonly auditOf: AuditOf;
  readonly catalog: Pick<Catalog, "macros" | "agents">;
  /** What a card becomes in other places. */
  readonly previews: readonly PlatformPreview[];
  /** How busy the bot was, oldest first. */
  readonly telemetry: () => Telemetry;
  /** Effective settings with their sources, as `config check` shows them. */
  readonly settings: readonly ShownSetting[];
  /** Who may do what, so that buttons say it before they are pressed. */
  readonly refusalOf: RefusalOf;
  readonly store: ThreadStore;
  readonly changes: Changes;
  /** Runs that cannot go on now, which their saved state does not tell. */
  readonly troubled: ReadonlySet<RunId>;
  readonly personas: readonly Persona[];
  /** Language that the bot is set to; undefined: the browser's. */
  readonly language: string | undefined;
  /** Folder that new runs are about by default. */
  readonly workspace: string;
  readonly stateRoot: string;
  readonly version: string;
  readonly token: string;
  readonly log: Log;
  /** How often a silent stream gets a sign of life. */
  readonly keepAliveMs: number;
}

/** What every group of routes is given. */
export interface RouteOptions extends ConsoleAppOptions {
  readonly notes: Notes;
  readonly formToken: string;
  readonly problem: (c: Context, problem: Problem) => Response | Promise<Response>;
}

/** The console: who may come in, and where everything is. */
export function createConsoleApp(options: ConsoleAppOptions): Hono {
  const { log, token } = options;
  const app = new Hono();
  const statics = loadStaticFiles();
  const problem = async (c: Context, what: Problem): Promise<Response> => {
    return c.html(await problemPage(what, viewerOf(c, options).words), PROBLEM_STATUS[what]);
  };
  const routes: RouteOptions = { ...options, notes: createNotes(), formToken: formToken(token), problem };

  app.use(secureHeaders());
  // Sent by the script, a form is answered with where to go: a redirect would be followed out of the script's sight.
  app.use(async (c, next) => {
    await next();
    if (c.res.status === 303 && c.req.header("x-sent-by") === "page") c.res = new Response(null, { status: 204 });
  });
  app.use(sameOriginOnly(problem));
  // Before the session, so that the page that says how to get in looks like one of ours; nothing in them is secret.
  app.get("/static/:name", async (c) => {
    const file = statics.get(c.req.param("name"));
    return file === undefined ? problem(c, "not_found") : c.body(file.body, 200, { "content-type": file.type });
  });
  app.use(signedInOnly(token, problem));
  // Counting a body of unknown length fails in bodyLimit on the requests of our server; browsers always say the length.
  app.use(async (c, next) => {
    const bodiless = c.req.method === "GET" || c.req.method === "HEAD";
    return bodiless || c.req.header("content-length") !== undefined ? next() : problem(c, "unknown");
  });
  app.use(bodyLimit({ maxSize: LIMITS.bodyBytes, onError: (c) => problem(c, "too_large") }));

  app.get("/", (c) => c.redirect("/chat/work", 302));
  app.route("/", chatRoutes(routes));
  app.route("/", actRoutes(routes));
  app.route("/", pageRoutes(routes));
  app.route("/", eventRoutes(routes));

  app.notFound((c) => problem(c, "not_found"));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (error instanceof InputError) return problem(c, "unknown");
    log.error({ err: messageOf(error), path: c.req.path }, "a page of the console failed");
    return problem(c, "failed");
  });
  return app;
}
