import { setAsideWords } from "../../../src/commands/set-aside.ts";
import type { Actor } from "../../../src/contracts/id.ts";
import { raw } from "../../../src/contracts/text.ts";
import type { RunView, SetAside } from "../../../src/contracts/view.ts";
import { cardBlock, notedCard, waitsForClick } from "../cards/card.ts";
import { disabledFor, whyNot } from "../cards/pressing.ts";
import type { PageParts } from "../layout.ts";
import { LIMITS } from "../limits.ts";
import { hiddenFields, type Scene } from "../form.ts";
import { view, type Markup } from "../markup.ts";
import { channelName } from "../names.ts";
import { HOME_CHANNEL } from "../talk.ts";
import { threadState, threadTask, threadTitle, type Entry, type Thread } from "../thread.ts";
import { clock, folderMark, pager, troubleBox } from "./parts.ts";

/** What a channel's page shows. */
export interface ChannelContent {
  readonly channel: string;
  readonly threads: readonly Thread[];
  readonly total: number;
  /** Counted from 1. */
  readonly page: number;
  /** What the composer completes. */
  readonly completions: readonly string[];
}

/** A channel: what was said outside of a run, the composer, and its threads. */
export function channelPage(content: ChannelContent, lobby: Thread | undefined, scene: Scene): PageParts {
  const { words } = scene.viewer;
  const { channel } = content;
  const title = channelTitle(channel, scene);
  return {
    title,
    kind: "chat",
    topics: [`channel:${channel}`, `thread:${channel}/lobby`],
    body: view`<div class="chat"><aside class="threads" aria-label="${words.t("web.chat.threads")}">${threadList(content, undefined, scene)}</aside>
    <section class="talk" aria-labelledby="talk-title">
      <h1 id="talk-title">${title}</h1>
      <p class="muted">${words.t(channel === "operators" ? "web.chat.about.operators" : "web.chat.about.work")}</p>
      <ol class="entries" id="entries" data-live>${(lobby?.entries ?? []).map((entry) => entryBlock(entry, { channel, owner: undefined }, scene))}</ol>
      ${(lobby?.entries ?? []).length === 0 ? view`<p class="empty">${words.t("web.chat.empty")}</p>` : ""}
      ${composer(content, undefined, scene)}
    </section></div>`,
  };
}

/** What there is of a thread's run; `aside` where its document is damaged. */
interface Found {
  readonly run: RunView | undefined;
  readonly aside: SetAside | undefined;
}

/** A thread is a run: its cards in the order in which they came, what people said, and the replies. */
export function threadPage(content: ChannelContent, thread: Thread, { run, aside }: Found, scene: Scene): PageParts {
  const { words } = scene.viewer;
  const title = threadTitle(thread);
  const noted = notedCard(thread.entries.flatMap((entry) => (entry.kind === "card" ? [entry.card] : [])));
  const isNoted = (entry: Entry): boolean => entry.kind === "card" && entry.card === noted;
  const quiet = { ...scene, note: undefined };
  const folder = run?.summary.workspace ?? threadTask(thread)?.workspace;
  const { channel } = content;
  const trouble = troubleBox(aside === undefined ? (run?.trouble ?? null) : raw(setAsideWords(aside, words)), words);
  return {
    title,
    kind: "chat",
    topics: [`channel:${channel}`, `thread:${channel}/${thread.thread}`, `run:${thread.thread}`],
    body: view`<div class="chat in-thread"><aside class="threads" aria-label="${words.t("web.chat.threads")}">${threadList(content, thread.thread, scene)}</aside>
    <section class="talk" aria-labelledby="talk-title">
      <p class="crumb"><a href="/chat/${channel}">${channelTitle(channel, scene)}</a> <span class="muted">${words.t("web.chat.opened", { when: words.dateTime(thread.openedAt) })}</span></p>
      <h1 id="talk-title">${title}</h1>
      ${folder === undefined ? "" : view`<p class="about-folder"><span class="muted">${words.t("web.runs.folder")}</span> <code>${folder}</code></p>`}
      <ol class="entries" id="entries" data-live>${openFirst(thread.entries).map((entry) => entryBlock(entry, { channel, owner: run?.requestedBy }, isNoted(entry) ? scene : quiet))}</ol>
      ${composer(content, thread.thread, scene, trouble)}
    </section></div>`,
  };
}

/** What waits for a click stands first: below all that came before it, it would have to be looked for. */
function openFirst(entries: readonly Entry[]): Entry[] {
  const waits = (entry: Entry): boolean => entry.kind === "card" && waitsForClick(entry.card);
  return [...entries.filter(waits), ...entries.filter((entry) => !waits(entry))];
}

function channelTitle(channel: string, { viewer: { words } }: Scene): string {
  return channelName(channel, words);
}

function threadList(content: ChannelContent, open: string | undefined, scene: Scene): Markup {
  const { words } = scene.viewer;
  const { channel, threads, total, page } = content;
  const lines = threads.map((thread) => {
    const state = threadState(thread, scene.isTroubled(thread.thread));
    const current = thread.thread === open ? view` aria-current="true"` : "";
    return view`<li data-key="${thread.thread}"><a href="/chat/${channel}/${thread.thread}"${current}><span class="thread-title">${threadTitle(thread)}</span><span class="thread-state"><span class="badge ${state}">${words.t(`web.status.${state}`)}</span> ${clock(thread.updatedAt, words)} ${folderMark(threadTask(thread)?.workspace)}</span></a></li>`;
  });
  return view`<h2>${words.t("web.chat.threads")} <span class="muted" id="thread-count" data-live>${words.number(total)}</span></h2>
    <ul id="threads" data-live>${lines}</ul>
    ${pager(`/chat/${channel}`, {}, page, Math.ceil(total / LIMITS.threadsListed), words)}`;
}

function entryBlock(
  entry: Entry,
  { channel, owner }: { readonly channel: string; readonly owner: Actor | undefined },
  scene: Scene,
): Markup {
  const { words } = scene.viewer;
  switch (entry.kind) {
    case "card": {
      const announce = words.t(`web.announce.${entry.card.kind}`);
      const isOfRun = entry.card.kind !== "alert" && entry.card.kind !== "digest";
      const preview = isOfRun ? undefined : `/chat/${channel}/preview?key=${encodeURIComponent(entry.key)}`;
      return view`<li class="entry" data-key="${entry.key}" data-announce="${announce}">${cardBlock(entry.card, `card-${idOf(entry.key)}`, scene, owner, preview)}</li>`;
    }
    case "said":
      return view`<li class="entry said" id="at-${idOf(entry.key)}" data-key="${entry.key}"><p class="who"><strong>${entry.who}</strong> ${clock(entry.postedAt, words)}</p><p class="words">${entry.text}</p></li>`;
    case "reply":
      return view`<li class="entry reply" id="at-${idOf(entry.key)}" data-key="${entry.key}" data-announce="${words.t("web.announce.reply")}"><p class="who"><strong>Coxswain</strong> ${clock(entry.postedAt, words)}</p><p class="words">${entry.text}</p></li>`;
    case "offer":
      return view`<li class="entry reply" id="at-${idOf(entry.key)}" data-key="${entry.key}" data-announce="${words.t("web.announce.reply")}"><p class="who"><strong>Coxswain</strong> ${clock(entry.postedAt, words)}</p><p class="words">${entry.text}</p>${offerBlock(entry, channel, scene)}</li>`;
  }
}

function offerBlock(offer: Extract<Entry, { kind: "offer" }>, channel: string, scene: Scene): Markup {
  const { words } = scene.viewer;
  if (offer.runId !== null) {
    return view`<p class="resolved">${words.t("web.offer.started")} <a href="/chat/${HOME_CHANNEL}/${offer.runId}">${words.t("web.offer.run")}</a></p>`;
  }
  const refusal = scene.mayNot("run.start", undefined);
  const id = `start-${idOf(offer.key)}`;
  const disabled = refusal === undefined ? "" : disabledFor(`${id}-why`);
  return view`<form class="offer" method="post" action="/chat/${channel}/start">${hiddenFields(scene)}<input type="hidden" name="offer" value="${offer.key}"><button class="primary" id="${id}"${disabled}>${offer.label}</button> <span class="muted">${words.t("web.offer.folder", { folder: offer.workspace })}</span>${refusal === undefined ? "" : whyNot(`${id}-why`, words.say(refusal))}</form>`;
}

function composer(
  { channel, completions }: ChannelContent,
  thread: string | undefined,
  scene: Scene,
  above: Markup | string = "",
): Markup {
  const { words, workspace } = scene.viewer;
  const label = words.t(thread === undefined ? "web.compose.label" : "web.compose.label_thread");
  // What was refused stays in its place, so that nobody types it again.
  const typed = scene.note?.about === undefined ? (scene.note?.values["text"]?.[0] ?? "") : "";
  const where = scene.note?.about === undefined ? (scene.note?.values["workspace"]?.[0] ?? workspace) : workspace;
  const folder =
    thread === undefined
      ? view`<div class="folder"><label for="workspace">${words.t("web.compose.workspace")}</label><input id="workspace" name="workspace" value="${where}" autocomplete="off" spellcheck="false" required></div>`
      : "";
  return view`<form class="composer" id="composer" method="post" action="/chat/${channel}${thread === undefined ? "" : `/${thread}`}/say">
    ${above}${hiddenFields(scene)}
    <div class="say"><label for="say">${label}</label><input id="say" name="text" list="completions" autocomplete="off" required aria-describedby="say-help" value="${typed}"><button class="primary">${words.t("web.compose.send")}</button></div>
    ${folder}
    <p class="muted" id="say-help">${words.t(thread === undefined ? "web.compose.help" : "web.compose.help_thread")}</p>
    <datalist id="completions">${completions.map((line) => view`<option value="${line}"></option>`)}</datalist>
  </form>`;
}

/** A key holds slashes; an id that links point to does not. */
function idOf(key: string): string {
  return key.replaceAll(/[^a-zA-Z0-9_-]/g, "-");
}
