// Audits an event: checks the invariants of docs/invariants.md that the database alone can show. Gateways and the
// console both audit, and both record what they found (statements/audit/last-audit.ts).
import type { Audit, AuditCheck } from "@onsale/contracts/audit";
import { createReplay, type Replay } from "@onsale/domain/replay";
import { poolName } from "@onsale/domain/rules";
import type { Db } from "../client.ts";
import { type AuditFacts, auditEvent } from "../statements/audit/audit-event.ts";
import type { Miscount, RuleFacts } from "../statements/audit/read-rule-facts.ts";

/** How long an order may be pending (invariant 4). */
const overdueMs = 30_000;
const exampleCountMax = 5;

/**
 * Audits one event. Invariants that need clients are not checked here.
 *
 * @param afterPage called and awaited after each page of orders
 */
export async function audit(
  db: Db,
  eventId: number,
  eventCode: string,
  afterPage?: () => Promise<void>,
): Promise<Audit> {
  const replayExamples: string[] = [];
  let replayFaultCount = 0;
  let replay: Replay | undefined;
  const noteFaults = (faults: readonly string[]) => {
    // One early fault can cause a fault of every later order.
    for (const fault of faults) if (replayFaultCount++ < exampleCountMax) replayExamples.push(fault);
  };
  const facts = await auditEvent(db, eventId, overdueMs, async ({ ledger, archived }, orders) => {
    if (archived !== null) return;
    replay ??= createReplay(ledger);
    for (const order of orders) noteFaults(replay.next(order));
    await afterPage?.();
  });
  const { archived } = facts;
  const counters = [...facts.stock, ...facts.rules.pools.map(counterOf)];
  noteFaults(archived === null ? (replay ?? createReplay(facts.ledger)).finish(counters) : totalFaultsOf(facts));

  const count = (status: keyof AuditFacts["countByStatus"]) => facts.countByStatus[status] ?? 0;
  const orders = {
    total: Object.values(facts.countByStatus).reduce((sum, part) => sum + part, 0),
    pending: count("PENDING"),
    held: count("HELD"),
    confirmed: count("CONFIRMED"),
    rejected: count("REJECTED"),
    expired: count("EXPIRED"),
    cancelled: count("CANCELLED"),
  };
  const arrivalFaults = arrivalFaultsOf(facts);
  const arrivalName = archived === null ? "decisions follow arrival" : "the stock's totals are those of the ledger";
  const arrivalCheck = check(5, arrivalName, [...arrivalFaults, ...replayExamples]);
  const violations = arrivalFaults.length + replayFaultCount;
  const checks = [...checkFacts(facts), { ...arrivalCheck, violations }];
  return {
    eventCode,
    ok: checks.every(({ ok }) => ok),
    checkedAt: facts.checkedAt.toISOString(),
    orders,
    ...(archived === null ? {} : { archived: { orders: archived.orders, digests: [...archived.digests] } }),
    checks,
  };
}

/** What is left to check of the ledger when orders are archived: a replay needs all of them, and takes the file. */
function totalFaultsOf({ stock, ledger }: AuditFacts): string[] {
  const totals = new Map<string, number>();
  for (const { ticketType, total } of ledger) if (total !== null) totals.set(ticketType, total);
  return stock
    .filter(({ ticketType, total }) => totals.get(ticketType) !== total)
    .map(
      ({ ticketType, total }) => `${ticketType}: the ledger ends with ${totals.get(ticketType)}, stock with ${total}`,
    );
}

/** A pool as the replay has it. */
function counterOf({ name, total, allocated }: RuleFacts["pools"][number]) {
  return { ticketType: name, total, allocated };
}

function checkFacts(facts: AuditFacts): AuditCheck[] {
  const { stock, duplicateKeyCount, overdueCount, inconsistentCount, lingeringCount } = facts;
  const counters = [...stock, ...facts.rules.pools.map(counterOf)];
  const overAllocated = counters.filter(({ allocated, total }) => allocated < 0 || allocated > total);
  const mismatched = stock.filter(({ allocated, inOrders }) => allocated !== inOrders);
  const misheld = stock.filter(({ heldInOrders, inHolds }) => heldInOrders !== inHolds);
  return [
    check(
      1,
      "allocated is between 0 and total",
      overAllocated.map(({ ticketType, allocated, total }) => `${ticketType}: ${allocated} of ${total} are allocated`),
    ),
    check(2, "the quantities of held and confirmed orders add up to allocated", [
      ...mismatched.map(
        ({ ticketType, allocated, inOrders }) => `${ticketType}: ${allocated} allocated, ${inOrders} in orders`,
      ),
      ...misheld.map(
        ({ ticketType, heldInOrders, inHolds }) => `${ticketType}: ${heldInOrders} held, ${inHolds} in holds`,
      ),
    ]),
    counted(3, "one order per idempotency key", duplicateKeyCount, "orders share a key with another one"),
    counted(4, "every order is decided within 30 s", overdueCount, "orders have been pending for longer"),
    counted(8, "every hold ends within 30 s of its time", lingeringCount, "orders are still held"),
    counted(6, "status, version and times of every order agree", inconsistentCount, "orders contradict themselves"),
    // Customers and codes keep what archived orders have of them.
    checkRules(facts.archived === null ? facts.rules : { ...facts.rules, customers: [], codes: [] }),
  ];
}

function checkRules({ pools, customers, codes }: RuleFacts): AuditCheck {
  const wrong = pools.filter(({ allocated, inTypes }) => allocated !== inTypes);
  const faults = [
    ...wrong.map(({ name, allocated, inTypes }) => {
      return `pool ${poolName(name) ?? name}: ${allocated} allocated, ${inTypes} of its ticket types`;
    }),
    ...customers.map(({ scope, used, inOrders }) => {
      return `a customer: ${used} ${scope === "" ? "tickets" : scope} counted, ${inOrders} in orders`;
    }),
    ...codes.map(({ scope, used, inOrders }) => `access code ${scope}: ${used} uses counted, ${inOrders} in orders`),
  ];
  const countOf = (miscounts: readonly Miscount[]) => miscounts[0]?.count ?? 0;
  const violations = wrong.length + countOf(customers) + countOf(codes);
  return { ...check(9, "pools, customers and access codes count what orders have", faults), violations };
}

/** Faults that the replay cannot find: orders that were passed over. */
function arrivalFaultsOf({ overtakenCount }: AuditFacts): string[] {
  return overtakenCount > 0 ? [`${overtakenCount} orders are pending although later ones are decided`] : [];
}

function check(invariant: number, name: string, faults: readonly string[]): AuditCheck {
  return {
    invariant,
    name,
    ok: faults.length === 0,
    violations: faults.length,
    examples: faults.slice(0, exampleCountMax),
  };
}

function counted(invariant: number, name: string, violations: number, what: string): AuditCheck {
  return {
    invariant,
    name,
    ok: violations === 0,
    violations,
    examples: violations === 0 ? [] : [`${violations} ${what}`],
  };
}
