// The moment in which a sale opens: a crowd that tries to buy before it, and does not stop until it is answered.
import { strict as assert } from "node:assert";
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import type { Answer, Api } from "../http/api.ts";

export type Crowd = Readonly<{
  /** How many purchases were refused because the sale had not begun. */
  refusedCount: number;
  /**
   * The `created_at` of the accepted orders by PostgreSQL, in milliseconds after the opening, in the order of `seq`.
   */
  acceptedAfterMs: readonly number[];
}>;

const pauseMs = 20;

/**
 * Each client has one key, and repeats its purchase until it is accepted; any other refusal than `sale-not-open` fails.
 */
export async function openUnderLoad(
  db: Db,
  apis: readonly Pick<Api, "purchase">[],
  sale: Readonly<{ eventCode: string; opensAt: string; clientCount: number; untilMs: number }>,
): Promise<Crowd> {
  const { eventCode, opensAt, clientCount, untilMs } = sale;
  let refusedCount = 0;

  async function buy(api: Pick<Api, "purchase">, key: string): Promise<void> {
    for (const endsAtMs = performance.now() + untilMs; performance.now() < endsAtMs; await delay(pauseMs)) {
      const { status, body }: Answer<object> = await api.purchase({ eventCode, key });
      if (status === 200 || status === 202) return;
      assert("code" in body && body.code === "sale-not-open", JSON.stringify(body));
      assert("opensAt" in body && body.opensAt === opensAt && "retryable" in body && body.retryable === true);
      refusedCount++;
    }
    throw new Error(`${key} was not accepted within ${untilMs} ms`);
  }

  const clients = Array.from({ length: clientCount }, (_, index) => {
    const api = apis[index % apis.length];
    assert(api !== undefined);
    return buy(api, `client-${eventCode}-${index}`);
  });
  await Promise.all(clients);
  const { rows } = await sql<{ afterMs: number }>`
    SELECT (extract(epoch FROM o.created_at - ${opensAt}::timestamptz) * 1000)::float8 AS "afterMs"
    FROM orders o JOIN events e ON e.id = o.event_id
    WHERE e.code = ${eventCode} ORDER BY o.seq`.execute(db);
  return { refusedCount, acceptedAfterMs: rows.map(({ afterMs }) => afterMs) };
}
