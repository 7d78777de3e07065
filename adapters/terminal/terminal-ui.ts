import type { Card, DecisionCard, NoticeCard } from "../../src/contracts/card.ts";
import type { Answers } from "../../src/contracts/decision.ts";
import type { ArgumentValue } from "../../src/contracts/macro-argument.ts";
import type { Clock } from "../../src/ports.ts";
import { createLiveNotice } from "./live-notice.ts";
import { promptDecision } from "./prompt-decision.ts";
import { renderCard } from "./render-card.ts";
import type { LaneProgress } from "./render-notice.ts";
import type { PromptIo } from "./select-one.ts";
import { assumeSize, columnsOf } from "./terminal-style.ts";

interface PromptedAnswers {
  readonly answers: Answers;
  readonly args: Record<string, ArgumentValue>;
}

/** The terminal as the command line program uses it: live notice, questions, cards as text. */
export function createTerminalUi(io: PromptIo & { readonly inPlace: boolean }, clock: Clock) {
  const { output, color, inPlace } = io;
  assumeSize(output);
  return {
    openNotice() {
      const notice = createLiveNotice({ stream: output, clock, color, inPlace });
      return {
        update: (card: NoticeCard) => notice.show(card),
        progress: ({ laneId, ...progress }: LaneProgress & { readonly laneId: string }) =>
          notice.progress(laneId, progress),
        end: () => notice.pause(),
      };
    },
    /** Undefined when the person left the questions. */
    async promptDecision(card: DecisionCard, refused?: PromptedAnswers): Promise<PromptedAnswers | undefined> {
      const prompted = await promptDecision(card, io, refused);
      return prompted.kind === "unanswered" ? undefined : { answers: prompted.answers, args: prompted.args };
    },
    renderCard: (card: Card) => renderCard(card, { color, columns: columnsOf(output) }),
  };
}
