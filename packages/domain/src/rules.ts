// The rules of an event, as the lane knows them: on which counters a line of an order draws; pure.
//
// A counter's name is that of a ticket type, which has no small letters, or one of these:
//   pool:HALL            a pool
//   event                the pool of all ticket types, in every event that has rules; it has no limit
//   customer:1f2e        what a customer may have of the event
//   customer:1f2e:VIP    what a customer may have of a ticket type
//   code:17              the uses of an access code
/**
 * The pool of all ticket types of an event that has rules. Its version changes with everything that the lane decides.
 */
export const eventPool = "event";

const poolPrefix = "pool:";

/** The counter of a pool that clients call `name`. */
export function poolCounter(name: string): string {
  return poolPrefix + name;
}

/** What clients call a pool; null for another counter. */
export function poolName(counter: string): string | null {
  return counter.startsWith(poolPrefix) ? counter.slice(poolPrefix.length) : null;
}

/** @param ticketType empty for the limit of the whole event */
export function customerCounter(customer: string, ticketType: string): string {
  return ticketType === "" ? `customer:${customer}` : `customer:${customer}:${ticketType}`;
}

export function codeCounter(codeId: number): string {
  return `code:${codeId}`;
}

export type Rules = Readonly<{
  /** The pools on which a ticket type draws besides its own stock. */
  pools: ReadonlyMap<string, readonly string[]>;
  /** The scopes with a limit per customer: a ticket type, or '' for the whole event. */
  limited: ReadonlySet<string>;
  /** Whether nobody gets what an earlier order waits for. */
  isStrict: boolean;
  /** The stock and pools for which orders wait; used when the waiting list is strict. */
  waitedFor: ReadonlySet<string>;
}>;

/** Of an event without rules. */
export const noRules: Rules = Object.freeze({
  pools: new Map(),
  limited: new Set<string>(),
  isStrict: false,
  waitedFor: new Set<string>(),
});

/** The counters on which a line draws its quantity: limits of its customer; its stock and pools. */
export type LineCounters = Readonly<{ limits: readonly string[]; stock: readonly string[] }>;

const noNames: readonly never[] = Object.freeze([]);

/** @param customer null without a reference: then no limit has room (`customer:unknown` has no counter) */
export function lineCounters(
  rules: Rules,
  customer: string | null,
  { ticketType }: Readonly<{ ticketType: string }>,
): LineCounters {
  const pools = rules.pools.get(ticketType);
  const stock = pools === undefined ? [ticketType] : [ticketType, ...pools];
  if (rules.limited.size === 0) return { limits: noNames, stock };
  const limits = ["", ticketType].filter((scope) => rules.limited.has(scope));
  return { limits: limits.map((scope) => customerCounter(customer ?? "unknown", scope)), stock };
}
