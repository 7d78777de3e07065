import type { RunId } from "../contracts/id.ts";
import type { Door, Query } from "../ports.ts";

/** True where another process, a bot or a program, works on the run now: an owner that follows nothing works on nothing. */
export async function isWorkedOn(session: Session, runId: RunId): Promise<boolean> {
  return !session.owner && session.follow(runId);
}

/** A program's way to the runs of one state root: through the bot that owns it, or as its owner. */
export interface Session {
  readonly door: Door;
  readonly query: Query;
  /** True when this process owns the state root, so that runs move only while the session is open. */
  readonly owner: boolean;
  /** Sees to it that the run is worked on while the session is open; an owner begins to work on it, and on no other.
   * False where the owner is another terminal program, which works on its own run only. */
  follow(runId: RunId): Promise<boolean>;
  /** Resolves with the reason when the bot went away; never rejects. */
  readonly lost: Promise<Error>;
  /** Ends the workers that belong to the session, and leaves runs where they are: they can be continued. */
  close(): Promise<void>;
}
