/**
 * The fair share that a flow has used: start-time fair queueing.
 *
 * P. Goyal, H. M. Vin, H. Cheng: "Start-time Fair Queueing: A Scheduling Algorithm for Integrated Services Packet
 * Switching Networks", SIGCOMM 1996. Each piece of work has the start tag S = max(v, F), F being the finish tag of
 * its flow's work before it and v the virtual time when it joined the queue; its own finish tag is
 * S + cost / weight. The lowest start tag goes first, and the virtual time is the start tag of what went last.
 * While two flows have work waiting, |W_f / w_f - W_g / w_g| stays within c_f / w_f + c_g / w_g
 * (W: cost served, w: weight, c: largest cost of one piece).
 *
 * Costs are estimates when they are charged, and known only afterwards. So the account keeps apart what can still
 * change, and comes out, once all is settled, as if the true costs had been known from the start.
 *
 * Unit of all tags: milliseconds of a worker per unit of weight.
 */
export interface FlowAccount {
  /** The flow's newest weight; a charge counts with the weight of its own work. */
  weight: number;
  /** Finish tag of the backlogs that nothing can change any more. */
  before: number;
  /** Past backlogs, oldest first, back to the first one that has a charge which is not settled. */
  readonly past: Backlog[];
  present: Backlog;
}

/** A time in which the flow always had something to take. */
interface Backlog {
  /** Virtual time when it began: its first start tag is not below. */
  since: number;
  /** Cost by weight of what was taken. */
  served: number;
  unsettled: number;
}

/** What a piece of work was charged with when it was taken. */
export interface Charge {
  readonly backlog: Backlog;
  readonly costMs: number;
  readonly weight: number;
}

export function openAccount(weight: number, tags: { since: number; before: number }): FlowAccount {
  return { weight, before: tags.before, past: [], present: { since: tags.since, served: 0, unsettled: 0 } };
}

/** Start tag of the first piece of the present backlog. */
export function baseTag({ before, past, present }: FlowAccount): number {
  let tag = before;
  for (const { since, served } of past) tag = Math.max(tag, since) + served;
  return Math.max(tag, present.since);
}

/** Finish tag of the flow's last work, which is the start tag of its next while more of it waits. */
export function finishTag(account: FlowAccount): number {
  return baseTag(account) + account.present.served;
}

/**
 * The flow has work again, or could not use its turn: time in which it asked for nothing, or stood at a limit, is no
 * credit. Otherwise it could save it up, and then shut all others out until it has caught up.
 */
export function beginBacklog(account: FlowAccount, virtualTime: number): void {
  const { present } = account;
  if (present.served === 0 && present.unsettled === 0) {
    present.since = virtualTime;
    return;
  }
  account.past.push(present);
  account.present = { since: virtualTime, served: 0, unsettled: 0 };
  closePast(account);
}

/** Charges work with its expected cost when it is taken. */
export function charge({ present }: FlowAccount, costMs: number, weight: number): Charge {
  present.served += costMs / weight;
  present.unsettled += 1;
  return { backlog: present, costMs, weight };
}

/** Work in progress has cost more than was expected of it: charged at once, so that a long worker's tenant waits now. */
export function accrue(before: Charge, costSoFarMs: number): Charge {
  if (!Number.isFinite(costSoFarMs) || costSoFarMs <= before.costMs) return before;
  before.backlog.served += (costSoFarMs - before.costMs) / before.weight;
  return { ...before, costMs: costSoFarMs };
}

/**
 * Puts the true cost in place of the expected one; undefined leaves it. A refund never exceeds its charge, and gives no credit for
 * what the flow was forgiven when its next backlog began.
 */
export function correct(
  account: FlowAccount,
  { backlog, costMs, weight }: Charge,
  actualCostMs: number | undefined,
): void {
  // A clock that jumped must not poison the tags: NaN would stay in them for good.
  const isKnown = actualCostMs !== undefined && Number.isFinite(actualCostMs);
  const actual = isKnown ? Math.max(0, actualCostMs) : costMs;
  backlog.served = Math.max(0, backlog.served + (actual - costMs) / weight);
  backlog.unsettled -= 1;
  closePast(account);
}

/** True where a charge can still change the tag. */
export function isUnsettled({ past, present }: FlowAccount): boolean {
  return past.length > 0 || present.unsettled > 0;
}

function closePast(account: FlowAccount): void {
  const { past } = account;
  for (let oldest = past[0]; oldest?.unsettled === 0; oldest = past[0]) {
    account.before = Math.max(account.before, oldest.since) + oldest.served;
    past.shift();
  }
}
