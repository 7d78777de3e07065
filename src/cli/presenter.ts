import type { Text } from "../contracts/text.ts";
import type { RunView } from "../contracts/view.ts";
import { translatorFor } from "../i18n.ts";
import type { Cli } from "./cli.ts";
import { noticeLine } from "./run-lines.ts";
import type { LiveProgress } from "./world.ts";

/** Shows how a run moves: the notice for people, JSON lines for programs. */
export interface Presenter {
  state(view: RunView): void;
  progress(progress: LiveProgress): void;
  /** Said once, however often it happens again. */
  trouble(text: Text): void;
  /** Gives the terminal back, before a question or the result; a later state takes it again. */
  pause(): void;
}

export function createPresenter(cli: Cli): Presenter {
  return cli.json ? createLinePresenter(cli) : createNoticePresenter(cli);
}

function createNoticePresenter({ world, translator }: Cli): Presenter {
  const notice = world.terminal.openNotice();
  const told = new Set<string>();
  return {
    trouble(text) {
      const words = translator.say(text);
      if (told.has(words)) return;
      told.add(words);
      notice.end();
      world.err(`${words}\n`);
    },
    state: (view) => notice.update(view.notice),
    progress: (progress) => notice.progress(progress),
    pause: () => notice.end(),
  };
}

function createLinePresenter(cli: Cli): Presenter {
  let shown = "";
  let language = cli.translator.language as string;
  return {
    state(view) {
      const { currentStageKey, blockedOn, active, resolvedOutputLanguage } = view.envelope;
      language = resolvedOutputLanguage;
      const moved = JSON.stringify([currentStageKey, blockedOn, active]);
      if (moved === shown) return;
      shown = moved;
      cli.emit(noticeLine(view));
    },
    progress({ runId, laneId, done, total, text }) {
      const words = text === null ? null : translatorFor(language).say(text);
      cli.emit({ type: "run.progress", runId, laneId, done, total, text: words });
    },
    trouble: (text) => cli.emit({ type: "run.trouble", text: translatorFor(language).say(text) }),
    pause: () => {},
  };
}
