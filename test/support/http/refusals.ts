import { strict as assert } from "node:assert";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";

export type Refusals = Readonly<{
  /** Counts of the rows that requests can create, and the number of tickets. */
  countRows: () => Promise<number[]>;
  /** Fails unless the answer is a 4xx problem with the expected code, and the request stored nothing. */
  assertRefused: (
    expected: string,
    send: () => Promise<Readonly<{ status: number; body: Problem }>>,
  ) => Promise<Problem>;
}>;

/** @param db the gateway's database */
export function createRefusals(db: Db): Refusals {
  async function countRows(): Promise<number[]> {
    const { rows } = await sql<{ counts: number[] }>`
      SELECT ARRAY[(SELECT count(*) FROM orders), (SELECT count(*) FROM events), (SELECT count(*) FROM inventory),
                   (SELECT sum(total) FROM inventory)]::int[] AS counts`.execute(db);
    return rows[0]?.counts ?? [];
  }

  return {
    countRows,
    assertRefused: async (expected, send) => {
      const rowsBefore = await countRows();
      const { status, body } = await send();
      assert(status >= 400 && status < 500, `${status} ${JSON.stringify(body)}`);
      assert.deepEqual([body.code, body.status], [expected, status], JSON.stringify(body));
      assert.deepEqual(await countRows(), rowsBefore);
      return body;
    },
  };
}
