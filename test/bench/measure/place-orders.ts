// Backlogs: orders that are all recorded before the workers begin, so that no gateway takes CPU time.
import type { BenchEvent, Installation } from "./installation.ts";

/** Inserts orders in one statement, to all events in turn. The reconciler finds them. */
export async function placeOrders(
  { pool }: Installation,
  events: readonly BenchEvent[],
  count: number,
): Promise<number> {
  await pool.query(
    `INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, strategy, idempotency_key, fingerprint)
     SELECT gen_random_uuid(), 1, ($1::int[])[1 + n % $2], 'STANDARD', 1, 'optimistic',
            md5('backlog' || n), sha256(int8send(n))
     FROM generate_series(1, $3::bigint) n`,
    [events.map(({ id }) => id), events.length, count],
  );
  return count;
}
