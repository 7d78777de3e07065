/**
 * What Slack takes (docs.slack.dev, Block Kit and Web API reference), counted in UTF-16 units. What does not fit is
 * paged or attached as a file and said to be so; nothing is cut silently.
 */
export const LIMITS = {
  messageBlocks: 50,
  viewBlocks: 100,
  /**
   * Characters of all blocks of a message. Slack documents no such limit, and refuses with `msg_blocks_too_long`
   * somewhere between 11,000 and 13,000 (slackapi/bolt-js#2509, #2867).
   */
  messageCharacters: 9000,
  /** The plain text beside the blocks: what a notification shows. */
  notificationCharacters: 300,
  headerCharacters: 150,
  /** Of one rich text block; the documented limit of a section, which is the nearest that there is. */
  blockCharacters: 2900,
  buttonCharacters: 75,
  buttonValue: 2000,
  confirmTitle: 100,
  confirmText: 300,
  optionText: 75,
  optionDescription: 75,
  radioOptions: 10,
  selectOptions: 100,
  /** Of the questions of one page; 250 KB is the limit of the whole. */
  viewBytes: 180_000,
  viewTitle: 24,
  viewButton: 24,
  viewMetadata: 3000,
  inputLabel: 2000,
  inputHint: 2000,
  plainInputCharacters: 3000,
  planTitle: 200,
  taskTitle: 200,
} as const;

/** How often Slack may be called (tier and documented special limits), each with what is kept for more important calls. */
export const RATES = {
  /** `chat.postMessage`, for each channel. */
  post: { calls: 1, windowMs: 1100, reserve: 0 },
  /**
   * `chat.update`, for the whole workspace: 50 a minute, of which a tenth is left for calls that arrive closer together
   * than they were sent. Progress leaves room for final states, decisions and results.
   */
  update: { calls: 45, windowMs: 60_000, reserve: 18 },
  /** `conversations.replies` and `conversations.history`. */
  read: { calls: 50, windowMs: 60_000, reserve: 0 },
  ephemeral: { calls: 100, windowMs: 60_000, reserve: 0 },
  views: { calls: 100, windowMs: 60_000, reserve: 0 },
  people: { calls: 100, windowMs: 60_000, reserve: 0 },
  groups: { calls: 20, windowMs: 60_000, reserve: 0 },
  /** Each of the three steps of an upload. */
  files: { calls: 50, windowMs: 60_000, reserve: 0 },
} as const;
export type Rate = keyof typeof RATES;
