import { afterEach, describe, expect, test } from "vitest";
import type { ButtonAction } from "../../src/commands/token.ts";
import type { CardKind } from "../../src/contracts/effect.ts";
import type { RunId } from "../../src/contracts/id.ts";
import type { Role } from "../../src/contracts/role.ts";
import type { RunView } from "../../src/contracts/view.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import type { ControlPlane } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";

/** The people of the suite: what a surface's own user ids are is its driver's business. */
export type Person = "starter" | "colleague" | "operator" | "guest";

export const ROLES_OF_PEOPLE: Readonly<Record<Person, readonly Role[]>> = {
  starter: ["requester", "approver"],
  colleague: ["requester", "approver"],
  operator: ["operator"],
  guest: [],
};

/** A card as one person has it in front of them. It does not change when the world does: pressing it later is late. */
export interface OpenCard {
  /** Everything that a person can read on it. */
  readonly text: string;
  /** Labels do not matter here; what a button means does. `reason` is for those that ask for one. */
  readonly buttons: readonly ButtonAction["action"][];
  /** Presses a button, and resolves with the words that the person gets; "" where the card alone says it. */
  press(button: ButtonAction["action"], reason?: string): Promise<string>;
}

/** One surface, driven as its users would: through its own payloads, against the real core. */
export interface SurfaceDriver {
  /** The channels in which the suite's runs are shown. */
  readonly channels: { readonly home: string; readonly operators: string };
  plane(): ControlPlane;
  /** Starts a run by what a person writes, shown in both channels. */
  start(who: Person, goal: string): Promise<RunId>;
  /** The card of a run as it stands in a channel now; undefined where there is none. */
  card(who: Person, channel: string, runId: RunId, kind: CardKind): Promise<OpenCard | undefined>;
  /** The cards of a run in a channel, in order; one entry for each message. */
  cards(channel: string, runId: RunId): Promise<CardKind[]>;
  /** What stands in a channel outside of the threads of runs, as text: alerts and digests, one entry for each. */
  posts(channel: string): Promise<string[]>;
  /** Sends something in the form of a click that no version ever meant; resolves with the words that come back. */
  pressNonsense(who: Person, channel: string, runId: RunId): Promise<string>;
  /** The bot ends and begins again on the same state. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const GOAL = "please check the house for us";

/** What every surface does, whatever it looks like: the same clicks, the same truth. */
export function surfaceContract(name: string, make: () => Promise<SurfaceDriver>): void {
  const drivers: SurfaceDriver[] = [];
  afterEach(async () => {
    await Promise.all(drivers.splice(0).map((driver) => driver.close()));
  });
  const driver = async (): Promise<SurfaceDriver> => {
    const made = await make();
    drivers.push(made);
    return made;
  };

  /** Waits until a card is there and fits. */
  const shown = (
    here: SurfaceDriver,
    who: Person,
    runId: RunId,
    kind: CardKind,
    fits: (card: OpenCard) => boolean = () => true,
    channel = here.channels.home,
  ): Promise<OpenCard> =>
    eventually(async () => {
      const card = await here.card(who, channel, runId, kind);
      if (card === undefined || !fits(card)) throw new Error(`no such ${kind} card: ${card?.text ?? "none"}`);
      return card;
    });
  const until = (here: SurfaceDriver, runId: RunId, holds: (run: RunView) => boolean): Promise<RunView> =>
    eventually(async () => {
      const run = await here.plane().agent.run(runId);
      if (run === undefined || !holds(run)) throw new Error(`not yet: ${run?.summary.status ?? "no run"}`);
      return run;
    });
  const hasStatus = (status: RunView["summary"]["status"]) => (run: RunView) => run.summary.status === status;
  const isOpen = (card: OpenCard): boolean => card.buttons.includes("decision.recommended");
  const asked = async (here: SurfaceDriver): Promise<{ runId: RunId; card: OpenCard }> => {
    const runId = await here.start("starter", GOAL);
    return { runId, card: await shown(here, "starter", runId, "decision", isOpen) };
  };
  /** A run that fails for good in the cellar, until `mend` is called. */
  const dead = async (here: SurfaceDriver): Promise<{ runId: RunId; mend: () => void }> => {
    let broken = true;
    here.plane().runtime.script("cellar", (order) => (broken ? { ...GOOD_RESULT, exitCode: 3 } : goodResultFor(order)));
    const { runId, card } = await asked(here);
    await card.press("decision.recommended");
    await eventually(async () => {
      here.plane().clock.advance(60_000);
      expect((await here.plane().agent.run(runId))?.summary.status).toBe("dead_letter");
    });
    return { runId, mend: () => (broken = false) };
  };

  describe(`${name} as a surface`, () => {
    test("a run that is started shows its notice and its question, and asks nothing of operators", async () => {
      const here = await driver();
      const { runId, card } = await asked(here);
      const run = await here.plane().agent.run(runId);
      expect(run?.summary.goal).toBe(GOAL);
      for (const question of run?.decision?.questions ?? []) {
        expect(card.text).toContain(question.title);
        for (const option of question.options) {
          for (const { value } of option.fields) expect(card.text).toContain(value);
        }
      }
      expect(await here.cards(here.channels.home, runId)).toEqual(["notice", "decision"]);
      expect(await here.cards(here.channels.operators, runId)).toEqual([]);
    });

    test("an answer is carried out, and the card says who gave it", async () => {
      const here = await driver();
      const { runId, card } = await asked(here);
      await card.press("decision.recommended");
      const run = await until(here, runId, hasStatus("completed"));
      const resolved = await shown(here, "starter", runId, "decision", ({ buttons }) => buttons.length === 0);
      expect(resolved.text).toContain(run.decision?.resolved?.line);
      const result = await shown(here, "starter", runId, "result");
      expect(result.text).toContain(run.result?.headline);
    });

    test("an answer that comes too late is told who has decided, and changes nothing", async () => {
      const here = await driver();
      const { runId, card } = await asked(here);
      const other = await shown(here, "colleague", runId, "decision", isOpen);
      await card.press("decision.recommended");
      await until(here, runId, hasStatus("completed"));
      const before = await here.plane().agent.document(runId);
      const by = before?.run.decisions[0];
      const who = by?.status === "answered" ? (by.answeredBy.displayName ?? by.answeredBy.user) : "nobody";
      expect(await other.press("decision.recommended")).toContain(who);
      expect((await here.plane().agent.document(runId))?.run.version).toBe(before?.run.version);
    });

    test("a double click answers once", async () => {
      const here = await driver();
      const { runId, card } = await asked(here);
      await Promise.all([card.press("decision.recommended"), card.press("decision.recommended")]);
      await until(here, runId, hasStatus("completed"));
      const history = (await here.plane().agent.document(runId))?.history ?? [];
      expect(history.filter(({ event }) => event === "decision.answered")).toHaveLength(1);
    });

    test("a run is stopped from its card", async () => {
      const here = await driver();
      const { runId, card } = await asked(here);
      await card.press("run.cancel");
      await until(here, runId, hasStatus("canceled"));
      const result = await shown(here, "starter", runId, "result");
      await shown(here, "starter", runId, "decision", ({ buttons }) => buttons.length === 0);
      expect(result.text).toContain((await here.plane().agent.run(runId))?.result?.headline);
    });

    test("a dead letter is looked at and tried again, and what had succeeded is kept", async () => {
      const here = await driver();
      const { runId, mend } = await dead(here);
      const letter = await shown(here, "operator", runId, "dead_letter", undefined, here.channels.operators);
      expect(letter.buttons.toSorted()).toEqual(["dead_letter.discard", "dead_letter.inspect", "dead_letter.retry"]);
      const version = (await here.plane().agent.run(runId))?.version;
      await letter.press("dead_letter.inspect");
      expect((await here.plane().agent.run(runId))?.version).toBe(version);
      const roofs = here.plane().runtime.orders.filter(({ brief }) => brief.laneId === "roof").length;
      mend();
      await letter.press("dead_letter.retry");
      await until(here, runId, hasStatus("completed"));
      expect(here.plane().runtime.orders.filter(({ brief }) => brief.laneId === "roof")).toHaveLength(roofs);
      await shown(here, "operator", runId, "dead_letter", ({ buttons }) => buttons.length === 0);
    });

    test("a dead letter is given up with a reason, which its card then shows", async () => {
      const here = await driver();
      const { runId } = await dead(here);
      const letter = await shown(here, "operator", runId, "dead_letter", undefined, here.channels.operators);
      await letter.press("dead_letter.discard", "the house is sold");
      await until(here, runId, hasStatus("discarded"));
      const handled = await shown(here, "operator", runId, "dead_letter", ({ buttons }) => buttons.length === 0);
      expect(handled.text).toContain("the house is sold");
    });

    test("a click that means nothing gets a polite answer and changes nothing", async () => {
      const here = await driver();
      const { runId } = await asked(here);
      const { version } = await until(here, runId, hasStatus("waiting"));
      expect(await here.pressNonsense("starter", here.channels.home, runId)).not.toBe("");
      expect((await here.plane().agent.run(runId))?.version).toBe(version);
    });

    test("who may not answer is told so, and the question stays open", async () => {
      const here = await driver();
      const { runId } = await asked(here);
      const { version } = await until(here, runId, hasStatus("waiting"));
      const card = await shown(here, "guest", runId, "decision", isOpen);
      expect(await card.press("decision.recommended")).not.toBe("");
      expect(await card.press("run.cancel")).not.toBe("");
      expect((await here.plane().agent.run(runId))?.version).toBe(version);
    });

    test("a restart in between loses no card, posts none twice, and takes the answer of a card from before", async () => {
      const here = await driver();
      const { runId, card } = await asked(here);
      await here.restart();
      expect(await here.cards(here.channels.home, runId)).toEqual(["notice", "decision"]);
      await card.press("decision.recommended");
      await until(here, runId, hasStatus("completed"));
      await shown(here, "starter", runId, "result");
      expect(await here.cards(here.channels.home, runId)).toEqual(["notice", "decision", "result"]);
    });

    test("an alert reaches operators once, and nobody else", async () => {
      const here = await driver();
      const { runId } = await asked(here);
      here.plane().clock.advance(25 * 3600_000, "asleep");
      const alerts = await eventually(async () => {
        const posts = await here.posts(here.channels.operators);
        expect(posts).toHaveLength(1);
        return posts;
      });
      expect(alerts[0]).toContain(runId);
      await here.restart();
      here.plane().clock.advance(3600_000, "asleep");
      expect(await here.posts(here.channels.operators)).toEqual(alerts);
      expect(await here.posts(here.channels.home)).toEqual([]);
    });

    test("an alert that is over says so where it stands, also after a restart", async () => {
      const here = await driver();
      const { runId, card } = await asked(here);
      here.plane().clock.advance(25 * 3600_000, "asleep");
      const [open] = await eventually(async () => {
        const posts = await here.posts(here.channels.operators);
        expect(posts).toHaveLength(1);
        return posts;
      });
      expect(open).not.toContain("Over since ");
      await here.restart();
      await card.press("decision.recommended");
      await until(here, runId, hasStatus("completed"));
      await eventually(async () => {
        here.plane().clock.advance(60_000);
        const posts = await here.posts(here.channels.operators);
        expect(posts).toEqual([expect.stringContaining("Over since ")]);
        expect(posts[0]).toContain("please check the house for us");
      });
    });

    test("where a dead letter stands, no alert says the same", async () => {
      const here = await driver();
      const { runId } = await dead(here);
      await shown(here, "operator", runId, "dead_letter", undefined, here.channels.operators);
      // On a busy machine other alerts are true: that messages do not get through, by the clock of the test.
      const posts = await here.posts(here.channels.operators);
      expect(posts.filter((post) => post.includes("failed for good"))).toEqual([]);
    });

    test("operators are shown how it ended, and both channels stay in step", async () => {
      const here = await driver();
      const { runId, mend } = await dead(here);
      for (const channel of [here.channels.home, here.channels.operators]) {
        await shown(here, "operator", runId, "dead_letter", ({ buttons }) => buttons.length === 3, channel);
      }
      mend();
      const letter = await shown(here, "operator", runId, "dead_letter");
      await letter.press("dead_letter.retry");
      const { result } = await until(here, runId, hasStatus("completed"));
      for (const channel of [here.channels.home, here.channels.operators]) {
        await shown(here, "operator", runId, "dead_letter", ({ buttons }) => buttons.length === 0, channel);
        const card = await shown(here, "operator", runId, "result", undefined, channel);
        expect(card.text).toContain(result?.headline);
      }
      expect((await here.cards(here.channels.operators, runId)).toSorted()).toEqual(["dead_letter", "result"]);
    });
  });
}
