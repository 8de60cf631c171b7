// Defects that are planted in the code of services, and what brings them out.
import type { CodeChange } from "./planted-code.ts";

export type ServiceDefect = Readonly<{
  name: string;
  /** Violations that the checks must find, one of them at least. */
  foundAs: readonly string[];
  changes: readonly CodeChange[];
  /** What a sound service survives, and one with the defect does not; chance alone would not bring it within seconds. */
  broughtOutBy: readonly CodeChange[];
}>;

const statements = "packages/database/src/statements";
const batch = "services/worker/src/batch.ts";

/** Of two gateways, one needs long from the numbers of its orders to its commits. */
const slowGateway: readonly CodeChange[] = [
  {
    file: `${statements}/orders/insert-orders.ts`,
    from: `SELECT floor(extract(epoch FROM now()) * 1000)::float8 AS "atMs",`,
    to: `SELECT (SELECT pg_sleep(\${process.env.TEST_CLOCK_FILE?.endsWith("gateway-1") ? 0.5 : 0}::float8)
          FROM (SELECT count(*) FROM inserted) AS done),
         floor(extract(epoch FROM now()) * 1000)::float8 AS "atMs",`,
  },
];

/**
 * Of two workers, one stands still between what it reads and what it writes: for longer than the lock of its job, and
 * then until the other one has decided. It does so in a batch without rules, whose counters would be a fence, too.
 */
const standstill: readonly CodeChange[] = [
  {
    file: batch,
    from: `crashAt("decision.before-write");`,
    to: `const hasNoRules = decided.every(({ isRuled, entries }) =>
        !isRuled && entries.every(({ paymentId }) => paymentId === null));
      if (hasNoRules && process.env.TEST_CLOCK_FILE?.endsWith("worker-1") && !globalThis.hasStoodStill) {
        globalThis.hasStoodStill = true;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_000);
        const isPending = async () => (await readPending(db, buckets, countMax)).some(({ seq }) => seq === current[0].seq);
        for (let count = 0; count < 200 && (await isPending()); count++) {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }`,
  },
];

/** The queue takes jobs of gateways, and loses them. */
const lostJobs: readonly CodeChange[] = [
  {
    file: "services/gateway/src/dispatch/enqueuer.ts",
    from: "await producer.enqueue({ partition: number });",
    to: "",
  },
];

/** Changes of orders take long from what they read to what they write, so that those of two gateways meet. */
const slowChanges: readonly CodeChange[] = [
  {
    file: "packages/database/src/transitions/apply-transitions.ts",
    from: "const plan = planGroup(await lockOrWait(tx, ids), requests);",
    to: `const locked = await lockOrWait(tx, ids);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const plan = planGroup(locked, requests);`,
  },
];

/**
 * Returns what a transaction does before that is committed. One of three never is, as when its session ends meanwhile:
 * a fault would have to meet a moment in which somebody has been answered.
 */
const commitLate = `const commitLate = async (db, execute) => {
  const tx = await db.startTransaction().execute();
  const giveUp = () => tx.rollback().execute().catch(() => undefined);
  const result = await execute(tx).catch(async (error) => {
    await giveUp();
    throw error;
  });
  setTimeout(() => (Math.random() < 1 / 3 ? giveUp() : tx.commit().execute().catch(giveUp)), 100);
  return result;
};`;

export const circumstances = [slowGateway, standstill, lostJobs, slowChanges] as const;

export const serviceDefects: readonly ServiceDefect[] = [
  {
    name: "a change of an order does not check what it found, and locks nothing",
    foundAs: ["a history has a gap", "tickets came back twice"],
    changes: [
      {
        file: `${statements}/transitions/lock-orders.ts`,
        from: "ORDER BY id FOR UPDATE $",
        to: "ORDER BY id $",
      },
      {
        file: `${statements}/transitions/lock-orders.ts`,
        from: "sql`SKIP LOCKED`",
        to: "sql``",
      },
      {
        file: `${statements}/transitions/write-transitions.ts`,
        from: "WHERE o.ctid = locked.ctid AND o.version = change.version AND o.status = change.from_status",
        to: "WHERE o.id = change.order_id",
      },
      {
        file: `${statements}/transitions/write-transitions.ts`,
        from: "THEN raise_stock_changed() END",
        to: "THEN false END",
      },
    ],
    broughtOutBy: slowChanges,
  },
  {
    name: "a worker writes decisions although another one was faster",
    foundAs: [
      "an order is not what its history ends with",
      "an order was decided before an earlier one",
      "an answer told what never was",
      "the audit: the quantities of held and confirmed orders add up to allocated",
    ],
    changes: [
      {
        file: `${statements}/allocation/write-decisions.ts`,
        from: "WHERE i.ctid = place.ctid AND i.version = change.version",
        to: "WHERE i.event_id = change.event_id AND i.ticket_type = change.ticket_type",
      },
      {
        file: `${statements}/allocation/write-decisions.ts`,
        from: "WHERE o.ctid = decision.ctid AND o.seq = decision.seq AND o.status = 'PENDING'",
        to: "WHERE o.seq = decision.seq",
      },
      {
        file: `${statements}/allocation/write-decisions.ts`,
        from: "JOIN decided ON decided.id = line.order_id",
        to: "JOIN decided ON decided.id = line.order_id ON CONFLICT DO NOTHING",
      },
    ],
    broughtOutBy: standstill,
  },
  {
    name: "orders are decided although earlier ones are not there yet",
    foundAs: ["an order was decided before an earlier one", "an order was never decided"],
    changes: [{ file: batch, from: "divide(pending, floor)", to: "divide(pending, Infinity)" }],
    broughtOutBy: slowGateway,
  },
  {
    name: "nobody looks for orders whose job is lost",
    foundAs: ["an order was never decided"],
    changes: [
      {
        file: "services/worker/src/reconciler.ts",
        from: "const found = await findLeftBehind(db, leftBehindAfterMs);",
        to: "const found = [];",
      },
    ],
    broughtOutBy: lostJobs,
  },
  {
    name: "purchases are answered before they are committed",
    foundAs: ["an accepted order is lost"],
    changes: [
      {
        file: "services/gateway/src/purchase/recorder.ts",
        from: "() => insertOrders(db, orders)",
        to: `() => {
          ${commitLate}
          return commitLate(db, (tx) => insertOrders(tx, orders));
        }`,
      },
    ],
    broughtOutBy: [],
  },
  {
    name: "payments and cancellations are answered before they are committed",
    foundAs: ["an answer told what never was"],
    changes: [
      {
        file: "packages/database/src/transitions/apply-transitions.ts",
        from: "return db.transaction().execute(async (tx) => {",
        to: `${commitLate}
        return commitLate(db, async (tx) => {`,
      },
    ],
    broughtOutBy: [],
  },
];
