import { z } from "zod";
import { Card, type CardTask, type ResultCard } from "../../src/contracts/card.ts";
import { Instant, RunId, Slug } from "../../src/contracts/id.ts";
import { translatorFor } from "../../src/i18n.ts";
import { shorten } from "../../src/plain-text.ts";

/** The channels that every console has. */
export const CHANNELS = ["work", "operators"] as const;

/** Thread of a channel for what is said outside of any run. */
export const LOBBY = "lobby";

/** A channel's name is a folder's name as well. */
export const ChannelName = Slug;

export const Entry = z.discriminatedUnion("kind", [
  /** A card; `key` makes it one message, edited in place. */
  z.object({ kind: z.literal("card"), key: z.string(), postedAt: Instant, changedAt: Instant, card: Card }),
  z.object({ kind: z.literal("said"), key: z.string(), postedAt: Instant, who: z.string(), text: z.string() }),
  z.object({ kind: z.literal("reply"), key: z.string(), postedAt: Instant, text: z.string() }),
  /** A run that is offered for what was said; `runId` once somebody has started it. */
  z.object({
    kind: z.literal("offer"),
    key: z.string(),
    postedAt: Instant,
    text: z.string(),
    label: z.string(),
    goal: z.string(),
    workspace: z.string(),
    runId: RunId.nullable(),
  }),
]);
export type Entry = z.infer<typeof Entry>;

/** One thread of a channel, in the order in which things were posted. A thread is a run; its id is the run's. */
export const Thread = z.object({
  schemaVersion: z.literal(1),
  channel: ChannelName,
  thread: z.string(),
  openedAt: Instant,
  updatedAt: Instant,
  entries: z.array(Entry),
});
export type Thread = z.infer<typeof Thread>;

type Outcome = NonNullable<ResultCard["outcome"]>;
type ThreadState = "waiting" | "active" | "trouble" | "ended" | Exclude<Outcome, "partial">;

/** Where a card stands: those of a run in its thread, those for operators alone in the channel itself. */
export function threadOf(card: Card): string {
  return card.kind === "alert" || card.kind === "digest" ? LOBBY : card.runId;
}

/** What a list of threads says of one; `isTroubled`: what its cards cannot tell. */
export function threadState({ entries }: Thread, isTroubled: boolean): ThreadState {
  const cards = entries.flatMap((entry) => (entry.kind === "card" ? [entry.card] : []));
  if (cards.some((card) => card.kind === "dead_letter" && card.handled === null)) return "dead_letter";
  const result = cards.findLast((card) => card.kind === "result");
  if (result !== undefined) {
    // What could not be checked stands on the card; the run itself is completed, in every list.
    return result.outcome === "partial" ? "completed" : (result.outcome ?? "ended");
  }
  if (isTroubled) return "trouble";
  return cards.some((card) => card.kind === "decision" && card.resolved === null) ? "waiting" : "active";
}

/** What the thread's run is about, as its cards say; undefined where they were kept before they said so. */
export function threadTask({ entries }: Thread): CardTask | undefined {
  return entries
    .map((entry) => (entry.kind === "card" && "task" in entry.card ? entry.card.task : undefined))
    .find(Boolean);
}

/** The goal, as the run's cards have it; else the title of whatever card stands here, or the first words said. */
export function threadTitle(shown: Thread): string {
  const { entries, thread } = shown;
  const goal = threadTask(shown)?.goal;
  if (goal !== undefined) return shorten(goal, 120);
  const cards = entries.flatMap((entry) => (entry.kind === "card" ? [entry.card] : []));
  const notice = cards.find((card) => card.kind === "notice");
  if (notice !== undefined) return withoutName(notice.title, notice.language);
  const said = entries.find((entry) => entry.kind === "said");
  return cards.find((card) => card.kind !== "decision")?.title ?? said?.text ?? thread;
}

/** A list in which every line begins with the product's own name is hard to read. */
function withoutName(title: string, language: string): string {
  const name = translatorFor(language).t("notice.title", { goal: "" }).trim();
  return title.startsWith(name) ? title.slice(name.length).trim() : title;
}
