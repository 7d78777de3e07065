import { Hono, type Context } from "hono";
import { z } from "zod";
import { isMeant, lettersBy } from "../../../src/commands/bulk-retry.ts";
import { CardKind } from "../../../src/contracts/effect.ts";
import type { RunCard } from "../../../src/contracts/card.ts";
import { RunSummary } from "../../../src/contracts/document.ts";
import { RunId } from "../../../src/contracts/id.ts";
import type { RunView, SetAside } from "../../../src/contracts/view.ts";
import type { RouteOptions } from "../app.ts";
import { LIMITS } from "../limits.ts";
import { auditPage } from "../pages/audit.ts";
import { catalogPage, settingsPage } from "../pages/about.ts";
import { deadLettersPage } from "../pages/operations.ts";
import { previewPage } from "../pages/preview.ts";
import { queuePage } from "../pages/queue.ts";
import { filePage, runPage, setAsidePage } from "../pages/run.ts";
import { telemetryPage } from "../pages/telemetry.ts";
import { runsPage } from "../pages/runs.ts";
import { HOME_CHANNEL } from "../talk.ts";
import { pageNumber, sceneOf, showPage } from "./request.ts";

const Search = z.string().max(200).catch("");
const Status = RunSummary.shape.status.optional().catch(undefined);

/** The pages beside the chat. */
export function pageRoutes(options: RouteOptions): Hono {
  const { query, files, auditOf, catalog, previews, settings, store, problem } = options;
  const app = new Hono();

  app.get("/runs", async (c) => {
    const page = pageNumber(c);
    const search = (c.req.query("search") ?? "").trim();
    const status = Status.parse(c.req.query("status"));
    const none = { runs: [], total: 0 };
    const tooLong = search.length > LIMITS.searchCharacters;
    const { runs, total } = tooLong
      ? none
      : await query.runs({
          limit: LIMITS.runsListed,
          offset: (page - 1) * LIMITS.runsListed,
          ...(status !== undefined && { status }),
          ...(search !== "" && { search }),
        });
    const scene = sceneOf(c, options);
    return showPage(c, options, scene, runsPage({ runs, total, page, status, search }, scene));
  });

  app.get("/runs/:id", async (c) => {
    const run = await runOf(c);
    const aside = run === undefined ? await setAside(c) : undefined;
    if (aside !== undefined) return showPage(c, options, sceneOf(c, options), setAsidePage(aside, sceneOf(c, options)));
    const document = run === undefined ? undefined : await query.document(run.summary.runId);
    if (run === undefined || document === undefined) return problem(c, "not_found");
    const scene = sceneOf(c, options);
    const known = await store.thread(HOME_CHANNEL, run.summary.runId);
    const thread = known === undefined ? undefined : `/chat/${HOME_CHANNEL}/${known.thread}`;
    return showPage(c, options, scene, runPage(run, document, { trace: c.req.query("trace") === "1", thread }, scene));
  });

  app.get("/runs/:id/audit", async (c) => {
    const run = await runOf(c);
    const document = run === undefined ? undefined : await query.document(run.summary.runId);
    const audit = run === undefined ? undefined : await auditOf(run.summary.runId);
    if (run === undefined || document === undefined || audit === undefined) return problem(c, "not_found");
    const scene = sceneOf(c, options);
    const trace = c.req.query("trace") === "1";
    const names = new Map(run.notice.workers.map(({ laneId, name }) => [laneId, name]));
    return showPage(c, options, scene, auditPage({ run: document.run, names, audit, trace }, scene));
  });

  app.get("/runs/:id/file", async (c) => {
    const run = await runOf(c);
    const path = c.req.query("path") ?? "";
    const known = [...(run?.artifacts ?? []), ...(run?.result?.files ?? [])].find((file) => file.path === path);
    const content =
      run === undefined || known === undefined ? undefined : await files.readArtifact(run.summary.runId, path);
    if (run === undefined || content === undefined) return problem(c, "not_found");
    if (c.req.query("download") === "1") return download(c, path, content);
    const scene = sceneOf(c, options);
    return showPage(c, options, scene, filePage(run.summary.runId, path, asText(content), scene));
  });

  app.get("/queue", async (c) => {
    const queue = await query.queue();
    const scene = sceneOf(c, options);
    const waiting = queue.waiting.slice(0, LIMITS.queueListed);
    const ahead = waiting.flatMap(({ ahead: { own, others } }) => [...own.runs, ...others.runs]);
    const named = [...queue.running, ...waiting].map(({ runId }) => runId);
    return showPage(c, options, scene, queuePage(queue, await viewsOf([...named, ...ahead]), scene));
  });

  app.get("/dead-letters", async (c) => {
    const page = pageNumber(c);
    const limit = LIMITS.threadsListed;
    const named = (name: string): string | undefined => Search.parse(c.req.query(name) ?? "") || undefined;
    const filter = { macro: named("macro"), code: named("code") };
    const all = await lettersBy(query, {});
    const fitting = all.filter((letter) => isMeant(letter, filter));
    const shown = fitting.slice((page - 1) * limit, page * limit).map(({ runId }) => runId);
    const runs = [...(await viewsOf(shown)).values()];
    const kinds = {
      macros: [...new Set(all.flatMap(({ macroId }) => macroId ?? []))].toSorted(),
      codes: [...new Set(all.flatMap(({ failureCode }) => failureCode ?? []))].toSorted(),
    };
    const scene = sceneOf(c, options);
    const content = { runs, total: fitting.length, page, filter, kinds };
    return showPage(c, options, scene, deadLettersPage(content, scene));
  });

  app.get("/load", (c) => {
    const scene = sceneOf(c, options);
    return showPage(c, options, scene, telemetryPage(options.telemetry(), scene));
  });

  app.get("/catalog", (c) => {
    const scene = sceneOf(c, options);
    return showPage(c, options, scene, catalogPage(catalog, scene));
  });

  app.get("/settings", (c) => {
    const scene = sceneOf(c, options);
    const facts = [
      ["web.settings.version", options.version],
      ["web.settings.state", options.stateRoot],
    ] as const;
    return showPage(c, options, scene, settingsPage(settings, facts, scene));
  });

  app.get("/preview/:id", async (c) => {
    const run = await runOf(c);
    const kind = CardKind.safeParse(c.req.query("card"));
    const card = run === undefined || !kind.success ? undefined : cardIn(run, kind.data);
    if (run === undefined || card === undefined) return problem(c, "not_found");
    const scene = sceneOf(c, options);
    const back = { href: `/runs/${run.summary.runId}`, key: "web.preview.back" } as const;
    return showPage(c, options, scene, await previewPage(card, previews, back, scene));
  });

  const runOf = async (c: Context): Promise<RunView | undefined> => {
    const id = RunId.safeParse(c.req.param("id"));
    return id.success ? query.run(id.data) : undefined;
  };
  const setAside = async (c: Context): Promise<SetAside | undefined> => {
    const id = RunId.safeParse(c.req.param("id"));
    return id.success ? query.setAside(id.data) : undefined;
  };
  const viewsOf = async (runIds: readonly RunId[]): Promise<Map<RunId, RunView>> => {
    const views = await Promise.all([...new Set(runIds)].map((runId) => query.run(runId)));
    return new Map(views.flatMap((run) => (run === undefined ? [] : [[run.summary.runId, run]])));
  };
  return app;
}

function cardIn(run: RunView, kind: CardKind): RunCard | undefined {
  const cards = { notice: run.notice, decision: run.decision, result: run.result, dead_letter: run.deadLetter };
  return cards[kind] ?? undefined;
}

/** As a file and never as a page: what workers left must not be run by the browser, whatever it is. */
function download(c: Context, path: string, content: Buffer): Response {
  const name = path.split("/").at(-1) ?? "file";
  return c.body(new Uint8Array(content), 200, {
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", "%27")}`,
  });
}

/** Undefined for what is not text, or too large to be read in a page. */
function asText(content: Buffer): string | undefined {
  if (content.byteLength > LIMITS.shownFileBytes || content.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}
