import { isDeepStrictEqual } from "node:util";
import { Hono, type Context } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { z } from "zod";
import { setAsideWords } from "../../src/commands/set-aside.ts";
import type { Command } from "../../src/contracts/command.ts";
import { Answers } from "../../src/contracts/decision.ts";
import { AUTOMATION, RunId } from "../../src/contracts/id.ts";
import { AnswerPolicy, MetaTask } from "../../src/contracts/task.ts";
import type { RunView } from "../../src/contracts/view.ts";
import { CoxswainError, parseAtDoor } from "../../src/errors.ts";
import { translatorFor, type Translator } from "../../src/i18n.ts";
import type { Door, Query } from "../../src/ports.ts";
import { parseJson, refuse, strictUtf8 } from "./http.ts";

export interface AutomationAccess {
  /** Bearer token of its own: it starts and reads tasks, and cannot answer, cancel or retry. */
  readonly token: string;
}

interface AutomationOptions extends AutomationAccess {
  readonly door: Door;
  readonly query: Query;
}

/** Printable ASCII, as a header can hold it. */
const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/, "1 to 200 printable characters without blanks");

/** What a program sends. Arguments may be typed or text; `answers` an object: question id → option id, in advance. */
const TaskBody = z.strictObject({
  goal: MetaTask.shape.goal,
  macro: MetaTask.shape.macro,
  args: MetaTask.shape.args,
  workspace: z
    .string()
    .max(4096)
    .regex(/^(?:\/|[A-Za-z]:[\\/])/, "an absolute path of a folder on the machine of the bot"),
  answers: z.union([AnswerPolicy, Answers]).default("ask"),
  tenant: MetaTask.shape.tenant,
  priority: MetaTask.shape.priority,
  /** A moment with its zone, as in RFC 3339. */
  deadline: z.iso
    .datetime({ offset: true })
    .transform((moment) => Date.parse(moment))
    .optional(),
  language: MetaTask.shape.language,
});

/** `POST /tasks` and `GET /tasks/:id` (M5): tasks handed in by programs. Errors are `{code, message}`. */
export function createAutomationApp({ door, query, token }: AutomationOptions): Hono {
  const app = new Hono();
  const message = (c: Context) => ({ code: "api.unauthorized", message: wordsOf(c).t("api.unauthorized") });
  app.use(
    bearerAuth({
      token,
      noAuthenticationHeader: { message },
      invalidAuthenticationHeader: { message },
      invalidToken: { message },
    }),
  );

  app.post("/tasks", async (c) => {
    const words = wordsOf(c);
    const key = IdempotencyKey.safeParse(c.req.header("idempotency-key"));
    if (!key.success) return refuse(c, 400, "api.idempotency_key", words.t("api.idempotency_key"));
    if (!/^application\/json\b/iu.test(c.req.header("content-type") ?? "")) {
      return refuse(c, 415, "api.json_only", words.t("api.json_only"));
    }
    const body = strictUtf8(await c.req.arrayBuffer());
    if (body === undefined) return refuse(c, 400, "api.not_utf8", words.t("api.not_utf8"));
    const task = taskOf(parseAtDoor(TaskBody, parseJson(body), words.t("api.task")));
    const reply = await door.handle(startOf(key.data, task));
    if (reply.kind === "done") throw new CoxswainError("api.no_run", "A start was answered without a run.");
    if (reply.kind === "refused") {
      return refuse(c, reply.code.startsWith("auth.") ? 403 : 422, reply.code, reply.message);
    }
    // Held against what is saved, also after an acceptance: of two calls at the same moment only one made the task.
    const saved = (await query.document(reply.runId))?.run.task;
    if (saved !== undefined && !isSameTask(saved, task)) {
      return refuse(c, 409, "api.key_reused", words.t("api.key_reused", { task: reply.runId }));
    }
    const url = new URL(`/api/tasks/${reply.runId}`, c.req.url).href;
    c.header("location", url);
    return c.json({ taskId: reply.runId, url }, reply.kind === "accepted" ? 202 : 200);
  });

  app.get("/tasks/:id", async (c) => {
    const id = RunId.safeParse(c.req.param("id"));
    const view = id.success ? await query.run(id.data) : undefined;
    if (view !== undefined) return c.json(statusOf(view));
    const aside = id.success ? await query.setAside(id.data) : undefined;
    return aside === undefined
      ? refuse(c, 404, "run.unknown", wordsOf(c).t("api.unknown_task"))
      : refuse(c, 410, "run.set_aside", setAsideWords(aside, wordsOf(c)));
  });

  const notSo = (c: Context, allowed: "GET" | "POST"): Response => {
    c.header("allow", allowed);
    return refuse(c, 405, "api.method", wordsOf(c).t("api.method", { path: c.req.path, allowed }));
  };
  app.all("/tasks", (c) => notSo(c, "POST"));
  app.all("/tasks/:id", (c) => notSo(c, "GET"));
  app.all("*", (c) => refuse(c, 404, "api.unknown_path", wordsOf(c).t("api.unknown_path", { path: c.req.path })));
  return app;
}

/** In the language that the program asks for, like every other text. */
function wordsOf(c: Context): Translator {
  const [first = "en"] = (c.req.header("accept-language") ?? "en").split(/[,;]/u);
  return translatorFor(first.trim());
}

function taskOf({ answers, ...body }: z.output<typeof TaskBody>): MetaTask {
  const answering = typeof answers === "string" ? { answers } : { presetAnswers: answers };
  return MetaTask.parse({ ...body, ...answering, requestedBy: AUTOMATION });
}

/** The run's id follows from the command's, so the same key is the same task for as long as the run is kept. */
function startOf(key: string, task: MetaTask): Command {
  return { kind: "run.start", id: `api:${key}`, by: AUTOMATION, task };
}

/** The bindings are ours and may have been configured otherwise since; everything else is what was asked for. */
function isSameTask(saved: MetaTask, asked: MetaTask): boolean {
  return isDeepStrictEqual(plain({ ...saved, bindings: [] }), plain({ ...asked, bindings: [] }));
}

/** As it is after a way through JSON, without properties that are undefined. */
function plain(task: MetaTask): unknown {
  return JSON.parse(JSON.stringify(task));
}

/** No packets and no protocol fields: where it is, what it waits for, and what came of it. */
function statusOf({ summary, envelope, decision, result, failure, findings, artifacts }: RunView): object {
  const { hiddenInternalFields: _, ...publicSurface } = envelope.publicSurface;
  return {
    taskId: summary.runId,
    status: summary.status,
    goal: summary.goal,
    position: { ...envelope, publicSurface },
    question: decision?.resolved === null ? decision : null,
    result,
    failure,
    findings,
    artifacts,
  };
}
