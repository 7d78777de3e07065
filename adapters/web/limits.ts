/** What the console takes and shows at once; what does not fit is paged or refused with the number, never cut. */
export const LIMITS = {
  /** Largest form that is read, in bytes; a goal of 4,000 characters and all arguments of a card fit many times over. */
  bodyBytes: 256 * 1024,
  /** Characters of one chat line; the core has a limit of its own for goals, and says it. */
  lineCharacters: 20_000,
  /** Chat lines of people and replies in one thread; cards do not count. */
  linesInThread: 1000,
  /** Lines kept of what was said in a channel outside of any thread; older ones go. */
  linesInChannel: 60,
  /** Threads listed on one page of a channel. */
  threadsListed: 30,
  runsListed: 50,
  /** Characters that runs are searched by. */
  searchCharacters: 200,
  queueListed: 200,
  /** Bytes of an artifact shown in the page; larger ones are downloaded. */
  shownFileBytes: 512 * 1024,
  /** Browsers that are kept up to date at the same time. */
  streams: 200,
  /** Answers to clicks that are kept to be shown after the redirect. */
  notes: 500,
  /** Parsed threads kept in memory. */
  threadsInMemory: 300,
} as const;
