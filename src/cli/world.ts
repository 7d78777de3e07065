import type { Environment, LoadedConfig, ResolvedSettings } from "../config.ts";
import type { AuditHead } from "../contracts/audit.ts";
import type { Card, DecisionCard, NoticeCard } from "../contracts/card.ts";
import type { Check } from "../contracts/check.ts";
import type { Answers } from "../contracts/decision.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { Macro } from "../contracts/macro.ts";
import type { Policy } from "../contracts/policy.ts";
import type { Text } from "../contracts/text.ts";
import type { RunWatchMessage, SetAside } from "../contracts/view.ts";
import type { Session } from "./session.ts";

/** Progress of a worker, as it is shown live. */
export type LiveProgress = Extract<RunWatchMessage, { kind: "progress" }>;

/** The notice of a run: redrawn in place on a terminal, plain lines on change elsewhere. */
interface LiveNotice {
  update(notice: NoticeCard): void;
  progress(progress: LiveProgress): void;
  /** Leaves the last state on the screen and gives the terminal back, until the next `update`. */
  end(): void;
}

/** What a person answered on the terminal. */
export interface PromptedAnswers {
  readonly answers: Answers;
  readonly args: Record<string, ArgumentValue>;
}

/** The terminal as a place where people see runs. */
interface TerminalUi {
  openNotice(): LiveNotice;
  /**
   * In the language of the card. With `refused`, what the person had answered before, only what is to be mended is
   * asked. Undefined when the person left the questions (Ctrl-C).
   */
  promptDecision(card: DecisionCard, refused?: PromptedAnswers): Promise<PromptedAnswers | undefined>;
  /** The whole card as text. */
  renderCard(card: Card): string;
}

/** What is set up once for the Discord bot. */
export interface DiscordSetup {
  invite(): Promise<string>;
  /** Resolves with the names of the commands that differed, and are registered now. */
  register(guild: string | null): Promise<string[]>;
}

export interface WorkspacePolicy {
  readonly policy: Policy;
  readonly revision: string | null;
  readonly gaps: readonly Text[];
}

/** Lines of the file, and what the document beside it knows of them. */
interface AuditTrail {
  readonly lines: readonly string[];
  readonly head: AuditHead | undefined;
}

/** Everything outside the program: given by `cli.ts`, and by tests. */
export interface CliWorld {
  /** What the person typed, without program and script. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** The bot's working folder. */
  readonly cwd: string;
  /** Coxswain's own folder. */
  readonly home: string;
  readonly version: string;
  readonly cpus: number;
  /** Name of the person at the machine. */
  readonly user: string;
  /** True where a person can be asked: standard input and output are a terminal. */
  readonly isTerminal: boolean;
  readonly terminal: TerminalUi;
  out(text: string): void;
  err(text: string): void;
  readText(path: string): string | undefined;
  isFolder(path: string): boolean;
  /** True for a bare repository, and for the inside of a `.git`. */
  isInsideGit(folder: string): Promise<boolean>;
  newId(): string;
  /** Through the bot where one runs, else as owner of the state root; rejects where neither is possible. */
  open(settings: ResolvedSettings, logLevel: string): Promise<Session>;
  /** Loads macros and agents; throws an InputError that names file and line. */
  macros(settings: ResolvedSettings): Promise<readonly Macro[]>;
  /** The rules that hold for a workspace, at which commit, and what of its rule files could not be read. */
  policy(settings: ResolvedSettings, folder: string): Promise<WorkspacePolicy>;
  /** The audit trail of a run, or of `operations`, as it lies on the disk; undefined where there is no such run. */
  auditTrail(stateRoot: string, id: string): Promise<AuditTrail | undefined>;
  /** Where a run is that was put aside because its document is damaged; undefined where it was not. */
  setAside(stateRoot: string, runId: string): Promise<SetAside | undefined>;
  /** What there are trails of. */
  auditTrails(stateRoot: string): Promise<string[]>;
  doctor(config: LoadedConfig): Promise<Check[]>;
  /** Undefined where there is no token. */
  discord(settings: ResolvedSettings): Promise<DiscordSetup | undefined>;
  /** Called at the first Ctrl-C or SIGTERM; the second one ends the process at once. */
  onInterrupt(listener: () => void): () => void;
}
