// One account lists 600,000 orders, as fast as it can, while another one works.
import { strict as assert } from "node:assert";
import { it } from "node:test";
import type { OrderPage } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { createDatabase } from "@onsale/database/client";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { createAccount } from "../../support/database/factories.ts";
import { createApi } from "../../support/http/api.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { startGateway } from "../../support/services/services.ts";

const orderCount = 600_000;
const hammerCount = 40;
const roundCount = 20;

it("one account's lists of 600,000 orders are served or refused as too many, and delay no other account", async () => {
  const databaseUrl = await createTestDatabase();
  const session = { url: databaseUrl, applicationName: "onsale-test", connectionCountMax: 2 };
  const db = createDatabase({ ...session, statementTimeoutMs: 120_000 });
  atEnd(() => db.destroy());
  const { url } = await startGateway({ AUTH: "keys", DATABASE_URL: databaseUrl });
  const open = async (accountId: number) => createApi(url, (await createKey(db, { accountId })).key);
  const [busy, calm] = [await open(await createAccount(db)), await open(await createAccount(db))];
  const longEvent = await busy.createEvent({ STANDARD: 10 });
  const eventCode = await calm.createEvent({ STANDARD: 10 });
  await placePendingOrders(db, longEvent, orderCount);
  await sql`UPDATE orders SET status = 'CONFIRMED', decided_at = now() WHERE seq % 1000 <> 0`.execute(db);

  const lists = ["", "&status=CONFIRMED", "&page=9999&size=50", "&page=5000&status=CONFIRMED", "&page=9999"];
  let isOver = false;
  let servedCount = 0;
  const hammer = async (_: unknown, index: number) => {
    const failures: string[] = [];
    for (let n = index; !isOver; n++) {
      const query = `/api/v1/orders?event=${longEvent}${lists[n % lists.length]}`;
      const { status, body } = await busy.get<OrderPage & Problem>(query);
      const isNear = Math.abs(body.totalElements / orderCount - 1) < 0.05 && !body.totalIsExact;
      if (status === 200 && isNear) servedCount++;
      else if (body.code !== "overloaded") failures.push(`${query}: ${status}, ${body.totalElements}`);
    }
    return failures;
  };
  const hammers = Array.from({ length: hammerCount }, hammer);

  for (let round = 0; round < roundCount; round++) {
    const answers = await Promise.all([
      calm.get("/api/v1/orders"),
      calm.get("/api/v1/events"),
      calm.get("/api/v1/webhooks"),
      calm.get(`/api/v1/events/${eventCode}`),
      calm.get(`/api/v1/inventory/${eventCode}`),
      calm.purchase({ eventCode }),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200, 202],
    );
  }
  isOver = true;
  assert.deepEqual((await Promise.all(hammers)).flat(), []);
  assert(servedCount > 0);
});
