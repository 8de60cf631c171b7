import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { connect } from "../../support/database/database.ts";
import { newKey } from "../../support/http/api.ts";
import { describeOnBackends } from "../../support/services/backends.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";

const buyerCount = 2_000;
const ticketCount = 500;

describeOnBackends("a hot sale", (backend) => {
  let installation: Installation;

  before(async () => {
    installation = await startInstallation(backend, { gateways: 2, workers: 2 });
  });

  const both = ["optimistic", "pessimistic"] as const;
  // Where the queues are changes nothing about a strategy.
  const kindsOfBuyers =
    backend.name === "Redis queues" ? [both] : [["optimistic"] as const, ["pessimistic"] as const, both];
  for (const strategies of kindsOfBuyers) {
    const kinds = strategies.join(" and ");
    it(`${buyerCount} ${kinds} buyers get ${ticketCount} tickets, first come first served`, async () => {
      const { api, apis, databaseUrl } = installation;
      const eventCode = await api.createEvent({ STANDARD: ticketCount });

      const answers = await Promise.all(
        Array.from({ length: buyerCount }, (_, buyer) => {
          const strategy = strategies[buyer % strategies.length] ?? "optimistic";
          return (apis[buyer % apis.length] ?? api).purchase({ eventCode, strategy, key: newKey() });
        }),
      );
      await untilAllDecided(api, eventCode);

      assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [202]);
      assert.equal(new Set(answers.map((answer) => answer.body.id)).size, buyerCount);
      const { orders } = await api.assertSound(eventCode);
      assert.deepEqual([orders.confirmed, orders.rejected], [ticketCount, buyerCount - ticketCount]);
      const [stock] = await api.inventory(eventCode);
      assert.deepEqual([stock?.sold, stock?.available], [ticketCount, 0]);

      const rows = await connect(databaseUrl)
        .selectFrom("orders")
        .innerJoin("events", "events.id", "orders.event_id")
        .where("events.code", "=", eventCode)
        .orderBy("orders.seq")
        .select(["orders.id", "orders.status", "orders.reason_code"])
        .execute();
      assert(rows.slice(0, ticketCount).every((row) => row.status === "CONFIRMED"));
      assert(rows.slice(ticketCount).every((row) => row.status === "REJECTED" && row.reason_code === "sold-out"));
      // The database has the order of every answer.
      const ids = new Set(rows.map((row) => row.id));
      assert(answers.every((answer) => ids.has(answer.body.id)));
    });
  }
});
