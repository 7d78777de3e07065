/** How the program ends, for scripts. */
export const EXIT = {
  completed: 0,
  /** The run failed, became a dead letter, was canceled or refused; or the command itself failed. */
  failed: 1,
  /** Usage or configuration: mended by the person who called. */
  usage: 2,
  waiting: 3,
  /** The run completed, and its verdict is no: a release that is not ready. A script that goes by it must stop. */
  blocked: 4,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const satisfies Record<string, number>;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
