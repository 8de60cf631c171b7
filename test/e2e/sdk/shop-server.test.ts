// `npm run shop-server` on a real installation: payments in time, twice, late, never and declined. The clock stays out
// of it: holds expire when the test says so, and a late buyer pays when the hold has expired.
import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Db } from "@onsale/database/client";
import type { Behaviour, Payment } from "../../../packages/client/examples/shop/schemas.ts";
import { connect } from "../../support/database/database.ts";
import { expireHold } from "../../support/database/holds.ts";
import { newKey } from "../../support/http/api.ts";
import { startProxy } from "../../support/http/proxy.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { describePipeline } from "../../support/services/backends.ts";
import type { Installation } from "../../support/services/installation.ts";
import { type Program, startProgram } from "../../support/services/program.ts";
import { startGateway } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";
import { startInstallationWithWebhooks } from "../../support/webhooks/webhooks.ts";

const eventCode = "EVNT-SHOP";
type CheckedOut = Readonly<{ status: number; orderId: string; paymentId: string; error?: string }>;

describePipeline("npm run shop-server", (backend) => {
  let installation: Installation;
  let db: Db;
  let shop: Program;
  let shopUrl: string;
  let providerUrl: string;

  before(async () => {
    installation = await startInstallationWithWebhooks(backend);
    db = connect(installation.databaseUrl);
    const environment = { ONSALE_URL: installation.api.baseUrl, PORT: "0", PROVIDER_PORT: "0", HOLD_SECONDS: "3600" };
    shop = startProgram("packages/client/examples/shop-server.ts", [], environment);
    const pattern = /^The shop sells EVNT-SHOP at (\S+); the payment provider is at (\S+)\.$/m;
    [, shopUrl = "", providerUrl = ""] = await until("the shop is open", () => pattern.exec(shop.output().stdout));
  });

  async function checkout(
    payment: Behaviour,
    lines: Readonly<Record<string, number>>,
    key = newKey(),
  ): Promise<CheckedOut> {
    const items = Object.entries(lines).map(([ticketType, quantity]) => ({ ticketType, quantity }));
    const body = JSON.stringify({ key, items, payment });
    const response = await fetch(`${shopUrl}/checkout`, { method: "POST", body });
    return { ...JSON.parse(await response.text()), status: response.status };
  }

  const readPayments = async (): Promise<Payment[]> =>
    JSON.parse(await (await fetch(`${providerUrl}/payments`)).text());
  const statusOf = async (orderId: string) => (await installation.api.order(orderId)).status;
  const paymentOf = async (orderId: string) => (await readPayments()).find((payment) => payment.orderId === orderId);
  const untilStatus = (orderId: string, status: string) =>
    untilTrue(`it is ${status}`, async () => (await statusOf(orderId)) === status);
  const untilRefunded = (orderId: string, amount: number) =>
    untilTrue(`${amount} is paid back`, async () => (await paymentOf(orderId))?.refundedAmount === amount);
  const payNow = (paymentId: string) => fetch(`${providerUrl}/payments/${paymentId}/pay`, { method: "POST" });

  /** Tickets that come back are held until a worker has put them on sale. */
  const untilNothingIsHeld = () =>
    untilTrue("all tickets are sold or on sale", async () =>
      (await installation.api.inventory(eventCode)).every(({ held }) => held === 0),
    );

  /** Fails when a buyer has paid without tickets or a refund, or when a ticket is lost. */
  async function assertNobodyLost(): Promise<void> {
    let sold = 0;
    for (const { id, orderId, price, status, refundedAmount } of await readPayments()) {
      const order = await installation.api.order(orderId);
      const kept = status === "paid" ? price.amount - refundedAmount : 0;
      const isConfirmed = order.status === "CONFIRMED";
      assert.equal(kept, isConfirmed ? order.total?.amount : 0, `${orderId} is ${order.status}, and ${status}`);
      if (!isConfirmed) continue;
      assert.equal(order.paymentReference, id);
      sold += order.items.reduce((sum, { quantity }) => sum + quantity, 0);
    }
    await untilNothingIsHeld();
    const stock = await installation.api.inventory(eventCode);
    const sums = stock.map((type) => type.total - type.sold - type.held - type.available);
    assert.deepEqual(sums, [0, 0]);
    assert.deepEqual([stock.reduce((sum, type) => sum + type.sold, 0), stock.map(({ held }) => held)], [sold, [0, 0]]);
    await installation.api.assertSound(eventCode);
  }

  it("confirms what is paid in time, once when the provider calls back twice", async () => {
    const [one, two] = await Promise.all([
      checkout("in-time", { STANDARD: 2, VIP: 1 }),
      checkout("twice", { STANDARD: 1 }),
    ]);
    await Promise.all([untilStatus(one.orderId, "CONFIRMED"), untilStatus(two.orderId, "CONFIRMED")]);
    assert.equal((await paymentOf(one.orderId))?.price.amount, 21_000);
    await untilTrue("both callbacks are handled", () => {
      return shop.output().stdout.split(`${two.orderId}: paid, CONFIRMED`).length === 3;
    });
    assert.equal((await installation.api.order(two.orderId)).version, 3);
    await assertNobodyLost();
  });

  it("makes one order and one payment when the browser repeats the checkout", async () => {
    const key = newKey();
    const [one, two] = await Promise.all([
      checkout("in-time", { STANDARD: 1 }, key),
      checkout("in-time", { STANDARD: 1 }, key),
    ]);
    assert.deepEqual([one.status, two.status, two.orderId, two.paymentId], [200, 200, one.orderId, one.paymentId]);
    await untilStatus(one.orderId, "CONFIRMED");
    await assertNobodyLost();
  });

  it("gives the tickets back when the payment is declined, and when it never comes", async () => {
    const [declined, never] = await Promise.all([
      checkout("declined", { STANDARD: 1 }),
      checkout("never", { STANDARD: 1 }),
    ]);
    await untilStatus(declined.orderId, "CANCELLED");
    await expireHold(db, never.orderId);
    await untilTrue("the shop knows it", () => shop.output().stdout.includes(`${never.orderId}: not paid in time`));
    await assertNobodyLost();
  });

  it("confirms what is paid late while the tickets are there, and else pays it back, once", async () => {
    const late = await checkout("late", { VIP: 1 });
    await expireHold(db, late.orderId);
    await untilStatus(late.orderId, "CONFIRMED");

    const [left] = (await installation.api.inventory(eventCode)).filter(({ ticketType }) => ticketType === "VIP");
    const unlucky = await checkout("never", { VIP: left?.available ?? 0 });
    await expireHold(db, unlucky.orderId);
    await untilStatus(unlucky.orderId, "EXPIRED");
    const other = await checkout("in-time", { VIP: 1 });
    await untilStatus(other.orderId, "CONFIRMED");
    await payNow(unlucky.paymentId);
    const { price } = (await paymentOf(unlucky.orderId)) ?? assert.fail();
    await untilRefunded(unlucky.orderId, price.amount);
    assert.equal(await statusOf(unlucky.orderId), "EXPIRED");
    await assertNobodyLost();
  });

  it("pays back what is cancelled, in part and as a whole, and not more when the provider calls back again", async () => {
    const { orderId, paymentId } = await checkout("in-time", { STANDARD: 2 });
    await untilStatus(orderId, "CONFIRMED");
    const cancel = (body: object) => installation.api.post(`/api/v1/orders/${orderId}/cancel`, body);
    await cancel({ items: [{ ticketType: "STANDARD", quantity: 1 }] });
    await untilRefunded(orderId, 4_500);
    await cancel({});
    await untilRefunded(orderId, 9_000);
    const again = await fetch(`${shopUrl}/payments`, { method: "POST", body: JSON.stringify({ paymentId }) });
    assert.equal(again.status, 204);
    const refusal = `${orderId}: paid, but order-not-confirmable`;
    await untilTrue("the callback is refused", () => shop.output().stdout.includes(refusal));
    await untilRefunded(orderId, 9_000);
    await assertNobodyLost();
  });

  it("pays back what was cancelled before it was paid", async () => {
    const { orderId, paymentId } = await checkout("never", { STANDARD: 2 });
    const items = [{ ticketType: "STANDARD", quantity: 1 }];
    await installation.api.post(`/api/v1/orders/${orderId}/cancel`, { items });
    await payNow(paymentId);
    await untilRefunded(orderId, 4_500);
    assert.equal(await statusOf(orderId), "CONFIRMED");
    await assertNobodyLost();
  });

  it("refuses webhooks and callbacks that are forged, and checkouts that nobody can have", async () => {
    const forged = { type: "order.refund_required", timestamp: "2030-06-01T19:00:00.000Z", data: {} };
    const [webhook, callback, unknown, tooMany] = await Promise.all([
      fetch(`${shopUrl}/hooks/onsale`, { method: "POST", body: JSON.stringify(forged) }),
      fetch(`${shopUrl}/payments`, { method: "POST", body: '{"paymentId":"pay_none"}' }),
      checkout("in-time", { BACKSTAGE: 1 }),
      checkout("in-time", { STANDARD: 1_000 }),
    ]);
    assert.deepEqual([webhook.status, callback.status], [400, 503]);
    assert.deepEqual([unknown.status, tooMany.status], [404, 409]);
    assert.match(tooMany.error ?? "", /fewer than this order asks for/);
  });

  it("loses nothing in a crowd of all kinds of buyers", async () => {
    const kinds: readonly Behaviour[] = ["in-time", "twice", "late", "never", "declined"];
    const buyers = Array.from({ length: 40 }, (_, n) => ({
      kind: kinds[n % kinds.length] ?? "never",
      lines: { STANDARD: 1 + (n % 2) },
    }));
    const checkedOut = await Promise.all(
      buyers.map(async ({ kind, lines }) => ({ kind, ...(await checkout(kind, lines)) })),
    );
    for (const { status } of checkedOut) assert([200, 409].includes(status));
    const held = checkedOut.filter(({ status }) => status === 200);
    assert(held.length > 0 && held.length < buyers.length, "some buyers must find the tickets sold out");
    const unpaid = held.filter(({ kind }) => kind === "late" || kind === "never");
    await Promise.all(unpaid.map(({ orderId }) => expireHold(db, orderId)));
    await untilTrue("every order and every payment has ended", async () => {
      const payments = await readPayments();
      const ended = await Promise.all(
        held.map(async ({ kind, orderId }) => {
          const status = await statusOf(orderId);
          const payment = payments.find((one) => one.orderId === orderId);
          if (kind === "never") return status === "EXPIRED";
          if (kind === "declined") return status === "CANCELLED";
          const isRefunded = status === "EXPIRED" && payment?.refundedAmount === payment?.price.amount;
          return status === "CONFIRMED" || isRefunded;
        }),
      );
      const stock = await installation.api.inventory(eventCode);
      return ended.every(Boolean) && stock.every((type) => type.held === 0);
    });
    await assertNobodyLost();
  });

  it("says what to do when its port is taken, and ends", async () => {
    const { port } = new URL(shopUrl);
    const environment = { ONSALE_URL: installation.api.baseUrl, PORT: port, PROVIDER_PORT: "0" };
    const { code, stderr } = await startProgram("packages/client/examples/shop-server.ts", [], environment).ended;
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^Port ${port} is taken.*choose other ports, such as`));
  });

  it("refuses a time for payments that Onsale would refuse of each buyer", async () => {
    const environment = { ONSALE_URL: installation.api.baseUrl, PORT: "0", PROVIDER_PORT: "0", HOLD_SECONDS: "20" };
    const { code, stderr } = await startProgram("packages/client/examples/shop-server.ts", [], environment).ended;
    assert.deepEqual([code, stderr], [1, "HOLD_SECONDS must be a whole number from 30 to 3600.\n"]);
  });

  it("says which key it needs, and how it can receive webhooks on this machine", async () => {
    const settings = { AUTH: "keys", WEBHOOK_ALLOW_PRIVATE: "0" };
    const gateway = await startGateway({ ...installation.environment, ...settings });
    const start = async (key: string) => {
      const environment = { ONSALE_URL: gateway.url, ONSALE_API_KEY: key, PORT: "0", PROVIDER_PORT: "0" };
      return startProgram("packages/client/examples/shop-server.ts", [], environment).ended;
    };
    const { code, stderr } = await start("onsale_unknown");
    assert.equal(code, 1);
    assert.match(stderr, /npx onsale keys create .*webhooks:manage$/m);
    const { key } = await createKey(db, { scopes: ["events:write", "webhooks:manage"] });
    const refused = await start(key);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /start it with WEBHOOK_ALLOW_PRIVATE=1/);
  });

  it("ends also when Onsale was stopped first, and says what stays", async () => {
    const proxy = await startProxy(installation.api.baseUrl);
    const environment = { ONSALE_URL: proxy.url, PORT: "0", PROVIDER_PORT: "0" };
    const other = startProgram("packages/client/examples/shop-server.ts", [], environment);
    await untilTrue("the other shop is open", () => other.output().stdout.includes("The shop sells"));
    // Nothing listens on port 1.
    proxy.turnTo("http://127.0.0.1:1");
    proxy.breakConnections();
    other.process.kill("SIGINT");
    const { code, stderr } = await other.ended;
    assert.equal(code, 0);
    const [, id = ""] = /The webhook endpoint of this shop stays: .*onsale webhooks delete (\S+)$/m.exec(stderr) ?? [];
    assert.equal((await installation.api.get(`/api/v1/webhooks/${id}`)).status, 200, stderr);
    await installation.api.delete(`/api/v1/webhooks/${id}`);
  });

  it("deletes its endpoint when it ends", async () => {
    shop.process.kill("SIGINT");
    const { code, stderr } = await shop.ended;
    assert.equal(code, 0, stderr);
    const { body } = await installation.api.get<{ totalElements: number }>("/api/v1/webhooks");
    assert.equal(body.totalElements, 0);
  });
});
