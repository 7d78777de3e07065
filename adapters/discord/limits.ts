/**
 * What Discord takes, in its own numbers (developer documentation, Components and Modals), and what this adapter
 * allows itself. Content that does not fit goes on in a further message, never cut.
 */
export const LIMITS = {
  /** Components of one message in all, nested ones and accessories counted. */
  components: 40,
  /** Characters over all text displays of one message. */
  characters: 4000,
  /**
   * UTF-8 bytes over all text displays, with 12 for each of them. Above 10,170 Discord answers with an internal error
   * (discord-api-docs#8554), which the library would try three times more.
   */
  weight: 9500,
  weightOfDisplay: 12,
  /** Characters of one text display; a longer text is made several. */
  display: 1800,
  buttonLabel: 80,
  buttonsInRow: 5,
  customId: 100,
  optionText: 100,
  optionsInSelect: 25,
  modalTitle: 45,
  modalFields: 5,
  fieldLabel: 45,
  fieldDescription: 100,
  fieldText: 4000,
  threadName: 100,
  choices: 25,
  choiceText: 100,
  commandDescription: 100,
  contextMenuName: 32,
  /** So long a nonce is surely known to Discord, which says "a short duration". */
  nonceMs: 60_000,
  /** Characters of a nonce. */
  nonce: 25,
  /** Bytes of a file that every server takes. */
  uploadBytes: 10 * 1024 * 1024 - 4096,
  /** Threads are put away by Discord after so many minutes without a word. */
  archiveMinutes: 10_080,
  /** A first answer that takes longer is tried again, in the 3 s that there are. */
  ackMs: 1200,
  followUpMs: 10_000,
  /** A click that is not saved after so long is told so; Discord waits 3 s. */
  saveWithinMs: 1500,
  /** An interaction can be answered for 15 minutes; a little less is counted on. */
  tokenMs: 14.5 * 60_000,
  /** Between the first two steps of one notice; each further gap is so much longer, up to the longest. */
  editGapMs: 4000,
  gapGrowth: 2,
  longestGapMs: 240_000,
  /** Calls that Discord takes from a bot in a second, all channels together; answers to interactions do not count. */
  callsPerSecond: 50,
  /** So many of them may be steps: questions, results and last states must not wait behind progress. */
  stepsPerSecond: 25,
  /** Until it is tried again to connect, where Discord could not be reached. */
  connectAgainMs: 30_000,
  /** Messages whose content is remembered, so that nothing is written that stands there already. */
  messagesKept: 5000,
  interactionsKept: 10_000,
  /** People whose roles are remembered between a click and its check. */
  peopleKept: 1000,
  /** People whose language is remembered. */
  localesKept: 20_000,
  /** What the library keeps of people and messages; it would keep everyone who ever clicked. */
  cached: 200,
  threadsKept: 50_000,
} as const;
