// Payments that come after their hold has expired, over HTTP. The test itself is the lane: no worker runs.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { OrderPage } from "@onsale/contracts/order";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { createOrderChanges } from "../../support/http/order-changes.ts";
import { startGateway } from "../../support/services/services.ts";

describe("a late payment while no worker runs", () => {
  let api: Api;
  let orders: ReturnType<typeof createOrderChanges>;

  before(async () => {
    const url = await createTestDatabase();
    api = createApi((await startGateway({ DATABASE_URL: url })).url);
    orders = createOrderChanges(api, connect(url));
  });

  /** An order of two tickets whose hold has expired. */
  async function arrange(total: number) {
    const eventCode = await api.createEvent({ STANDARD: total });
    const id = await orders.place(eventCode);
    await orders.decide(eventCode);
    await orders.expire(eventCode, id);
    const pay = (paymentReference: string | undefined, prefer?: string) =>
      orders.change(id, "confirm", { paymentReference }, prefer === undefined ? {} : { prefer });
    return { eventCode, id, pay };
  }

  it("is recorded and answered 202 when the wait is over, and the same call tells the outcome", async () => {
    const { eventCode, pay } = await arrange(2);
    const recorded = await pay("pay_1", "wait=1");
    assert.deepEqual(
      [recorded.status, recorded.headers.get("retry-after"), recorded.body.status],
      [202, "1", "EXPIRED"],
    );
    assert.equal((await pay(undefined, "wait=0")).status, 202, "without a reference it is the same payment");
    const waiting = pay("pay_1", "wait=30");
    await orders.decide(eventCode);
    for (const { status, body } of [await waiting, await pay("pay_1")]) {
      assert.deepEqual([status, body.status, body.paymentReference], [200, "CONFIRMED", "pay_1"]);
    }
    await api.assertSound(eventCode);
  });

  it("that is refused stays so for its reference", async () => {
    const { eventCode, pay } = await arrange(2);
    await orders.place(eventCode, { ticketType: "STANDARD", quantity: 1 });
    assert.equal((await pay("pay_1", "wait=0")).status, 202);
    const waiting = pay("pay_1", "wait=30");
    await orders.decide(eventCode);
    for (const { status, body } of [await waiting, await pay("pay_1")]) {
      assert.deepEqual([status, body.code, body.orderStatus, body.retryable], [409, "hold-expired", "EXPIRED", false]);
    }
    await api.assertSound(eventCode);
  });

  it("is refused as retryable while another one is undecided, because it is recorded nowhere", async () => {
    const { eventCode, pay } = await arrange(2);
    assert.equal((await pay("pay_1", "wait=0")).status, 202);
    const other = await pay("pay_2", "wait=0");
    const { code, orderStatus, retryable, detail } = other.body;
    assert.deepEqual([other.status, code, orderStatus, retryable], [409, "order-undecided", "EXPIRED", true]);
    assert.equal(other.headers.get("retry-after"), "1");
    assert.match(detail, /this one is not recorded\. Send the same request again\.$/);
    const found = async (reference: string) => {
      const list = `/api/v1/orders?event=${eventCode}&paymentReference=${reference}`;
      return (await api.get<OrderPage>(list)).body.content.length;
    };
    assert.deepEqual([await found("pay_1"), await found("pay_2")], [1, 0]);
    await orders.decide(eventCode);
    const late = await pay("pay_2");
    assert.deepEqual([late.status, late.body.code], [409, "already-confirmed"]);
    assert.equal(await found("pay_2"), 1, "it has to be paid back");
    await api.assertSound(eventCode);
  });
});
