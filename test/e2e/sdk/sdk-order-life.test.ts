// The life of an order with the published client, on a real installation.
import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Db } from "@onsale/database/client";
import {
  cancel,
  confirm,
  createEvent,
  extend,
  getOrder,
  history,
  purchase,
  watchOrder,
} from "../../../packages/client/src/index.ts";
import { connect } from "../../support/database/database.ts";
import { expireHold } from "../../support/database/holds.ts";
import { newKey } from "../../support/http/api.ts";
import { startProxy } from "../../support/http/proxy.ts";
import { assertProblem } from "../../support/sdk/problems.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";

const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };

describePipeline("the life of an order with the published client", (backend) => {
  let installation: Installation;
  let client: { baseUrl: string };
  let db: Db;

  before(async () => {
    installation = await startInstallation(backend);
    client = { baseUrl: installation.api.baseUrl };
    db = connect(installation.databaseUrl);
  });

  it("holds a basket, extends the hold, confirms it, and cancels a part and then the rest", async () => {
    const code = newKey();
    const price = (amount: number) => ({ amount, currency: "EUR" });
    const ticketTypes = [
      { ticketType: "STANDARD", total: 5, price: price(4_500) },
      { ticketType: "VIP", total: 1, price: price(12_000) },
    ];
    await createEvent(client, { code, name: "Jazz Night", ...times, ticketTypes });
    const lines = (standard: number, vip: number) => [
      { ticketType: "STANDARD", quantity: standard },
      { ticketType: "VIP", quantity: vip },
    ];
    const held = await purchase(client, { eventCode: code, items: lines(2, 1), holdSeconds: 60 });
    assert.deepEqual([held.status, held.total, held.ticketType], ["HELD", price(21_000), null]);
    const partial = await purchase(client, { eventCode: code, items: lines(1, 1), hold: true, allowPartial: true });
    assert.deepEqual([partial.requestedItems.length, partial.items.length], [2, 1]);

    const extended = await extend(client, held.id, 3_600);
    assert(Date.parse(extended.expiresAt ?? "") > Date.parse(held.expiresAt ?? "") + 3_000_000);
    await assertProblem(extend(client, held.id, 60), 409, "hold-extended-before");
    const confirmed = await confirm(client, held.id, { paymentReference: "pay_1" });
    assert.deepEqual(await confirm(client, held.id), confirmed);
    const other = await assertProblem(
      confirm(client, held.id, { paymentReference: "pay_2" }),
      409,
      "already-confirmed",
    );
    assert.equal(other.orderStatus, "CONFIRMED");

    await assertProblem(cancel(client, held.id, { ifMatch: held.version }), 412, "version-mismatch");
    const part = { items: [{ ticketType: "STANDARD", quantity: 1 }], idempotencyKey: newKey() };
    await Promise.all([cancel(client, held.id, part), cancel(client, held.id, part)]);
    const fewer = await getOrder(client, held.id);
    assert.deepEqual([fewer.items[0]?.quantity, fewer.total], [1, price(16_500)]);
    const cancelled = await cancel(client, held.id, { reason: "The buyer asked for it." });
    assert.deepEqual(await cancel(client, held.id), cancelled);
    await assertProblem(confirm(client, held.id), 409, "order-not-confirmable");
    assert.deepEqual(
      (await history(client, held.id)).map(({ from, to, reason }) => [from, to, reason]),
      [
        ["PENDING", "HELD", null],
        ["HELD", "HELD", "extended"],
        ["HELD", "CONFIRMED", null],
        ["CONFIRMED", "CONFIRMED", null],
        ["CONFIRMED", "CANCELLED", "The buyer asked for it."],
      ],
    );
    await installation.api.assertSound(code);
  });

  it("watches an order that is held until it is confirmed, over broken connections", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 1 });
    const { id } = await purchase(client, { eventCode, ticketType: "STANDARD", quantity: 1, hold: true });
    const proxy = await startProxy(client.baseUrl);
    const seen: string[] = [];
    for await (const { status } of watchOrder({ baseUrl: proxy.url }, id)) {
      seen.push(status);
      if (status !== "HELD") continue;
      proxy.breakConnections();
      await confirm(client, id);
    }
    assert.deepEqual(seen, ["HELD", "CONFIRMED"]);
  });

  it("watches an order that is held until it expires, and confirms it late", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 1 });
    const { id } = await purchase(client, { eventCode, ticketType: "STANDARD", quantity: 1, hold: true });
    const seen: string[] = [];
    for await (const { status } of watchOrder(client, id)) {
      seen.push(status);
      if (status === "HELD") await expireHold(db, id);
    }
    assert.deepEqual(seen, ["HELD", "EXPIRED"]);
    const late = await confirm(client, id, { paymentReference: "pay_1" });
    assert.deepEqual([late.status, late.paymentReference], ["CONFIRMED", "pay_1"]);
  });

  it("watches an order on the waiting list until it has its tickets", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 1 });
    const wanted = { eventCode, ticketType: "STANDARD", quantity: 1 };
    const holder = await purchase(client, wanted);
    const waiting = await purchase(client, { ...wanted, waitlist: true });
    assert.deepEqual([waiting.status, waiting.waitlist], ["WAITING", { position: 1, estimatedSeconds: null }]);
    const seen: [string, number | undefined][] = [];
    for await (const { status, waitlist } of watchOrder(client, waiting.id)) {
      seen.push([status, waitlist?.position]);
      if (status === "WAITING") await cancel(client, holder.id);
      if (status === "HELD") await confirm(client, waiting.id);
    }
    assert.deepEqual(seen, [
      ["WAITING", 1],
      ["HELD", undefined],
      ["CONFIRMED", undefined],
    ]);
  });

  it("throws what has to be paid back when a late payment finds no tickets", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 1 });
    const { id } = await purchase(client, { eventCode, ticketType: "STANDARD", quantity: 1, hold: true });
    await expireHold(db, id);
    for await (const _ of watchOrder(client, id));
    await purchase(client, { eventCode, ticketType: "STANDARD", quantity: 1 });
    for (const _ of [1, 2]) {
      const confirming = confirm(client, id, { paymentReference: "pay_1" });
      assert.equal((await assertProblem(confirming, 409, "hold-expired")).orderStatus, "EXPIRED");
    }
    await installation.api.assertSound(eventCode);
  });
});
