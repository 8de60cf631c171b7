import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { readSales, type SaleRow } from "@onsale/database/statements/events/read-sales";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import { decideAll, decideOnce } from "../../support/database/sale.ts";

describe("reading the state of sales", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  const readOne = async (eventId: number): Promise<SaleRow> => {
    const [sale] = await readSales(db, [eventId]);
    assert(sale !== undefined);
    return sale;
  };

  it("gives the stock of every ticket type and the number of pending orders", async () => {
    const event = await createTestEvent(db, { VIP: 5, STANDARD: 100 });
    await placeOrders(db, event, [{ quantity: 3 }, { ticketType: "VIP", quantity: 2 }]);
    await decideAll(db, event.id);
    await placeOrders(db, event, times(4, {}));
    const { version, at, ...sale } = await readOne(event.id);
    assert(at instanceof Date);
    assert.deepEqual(sale, {
      eventId: event.id,
      saleState: "open",
      salesStart: null,
      salesEnd: null,
      inventory: [
        { ticketType: "STANDARD", total: 100, sold: 3, held: 0, available: 97 },
        { ticketType: "VIP", total: 5, sold: 2, held: 0, available: 3 },
      ],
      pending: 4,
    });
    assert(Number.isInteger(version));
  });

  it("agrees with get-inventory", async () => {
    const event = await createTestEvent(db, { STUDENT: 1, VIP: 5, STANDARD: 100 });
    await placeOrders(db, event, times(3, { ticketType: "VIP" }));
    await decideAll(db, event.id);
    assert.deepEqual((await readOne(event.id)).inventory, await getInventory(db, event.id));
  });

  it("has a version that rises with every batch and every change of a total", async () => {
    const event = await createTestEvent(db, { STANDARD: 100, VIP: 1 });
    await placeOrders(db, event, [{}, { ticketType: "VIP", quantity: 2 }]);
    const setTotal = (ticketType: string) =>
      setInventoryTotal(db, {
        accountId: event.accountId,
        eventId: event.id,
        eventCode: event.code,
        ticketType,
        total: 10,
        actor: "test",
      });
    const versions = [(await readOne(event.id)).version];
    for (const change of [
      () => decideOnce(db, event.id, 1),
      () => decideOnce(db, event.id, 1),
      () => setTotal("VIP"),
      () => setTotal("STUDENT"),
    ]) {
      await change();
      versions.push((await readOne(event.id)).version);
    }
    assert.deepEqual(
      versions,
      [...new Set(versions)].toSorted((a, b) => a - b),
    );
  });

  it("gives several events at once, also one without tickets, and leaves out those that do not exist", async () => {
    const withoutTickets = await createTestEvent(db, {});
    const event = await createTestEvent(db, { STANDARD: 1 });
    const sales = await readSales(db, [event.id, 1_000_000, withoutTickets.id]);
    assert.deepEqual(sales.map(({ eventId, inventory, pending }) => [eventId, inventory.length, pending]).toSorted(), [
      [withoutTickets.id, 0, 0],
      [event.id, 1, 0],
    ]);
    assert.deepEqual(await readSales(db, []), []);
  });
});
