import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { newKey } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";

describePipeline("idempotency", (backend) => {
  let installation: Installation;
  let eventCode: string;

  before(async () => {
    installation = await startInstallation(backend, { gateways: 2, workers: 1 });
    eventCode = await installation.api.createEvent({ STANDARD: 1_000_000, VIP: 1 });
  });

  it("a replayed purchase returns its first order in its current state", async () => {
    const { api } = installation;
    const key = newKey();
    const first = await api.purchase({ eventCode, key, waitSeconds: 10 });
    const replay = await api.purchase({ eventCode, key });

    assert.deepEqual([first.status, first.headers.get("idempotent-replayed")], [200, null]);
    assert.deepEqual([replay.status, replay.headers.get("idempotent-replayed")], [200, "true"]);
    assert.deepEqual(replay.body, first.body);
  });

  it("a key in quotes equals the same key without quotes", async () => {
    const { api } = installation;
    const key = newKey();
    const bare = await api.purchase({ eventCode, key });
    const quoted = await api.purchase({ eventCode, key: `"${key}"` });
    assert.equal(quoted.body.id, bare.body.id);
  });

  it("a hundred simultaneous purchases with one key, over two gateways, make one order", async () => {
    const { api, apis } = installation;
    const event = await api.createEvent({ STANDARD: 10 });
    const key = newKey();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => (apis[n % 2] ?? api).purchase({ eventCode: event, key, quantity: 2 })),
    );

    assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 1);
    assert.equal(answers.filter((answer) => answer.headers.get("idempotent-replayed") === null).length, 1);
    await untilAllDecided(api, event);
    const { orders } = await api.assertSound(event);
    assert.equal(orders.total, 1);
  });

  it("of two different simultaneous purchases with one key, one is recorded and the other refused", async () => {
    const { api, apis } = installation;
    for (let round = 0; round < 25; round++) {
      const key = newKey();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) => (apis[n % 2] ?? api).purchase({ eventCode, key, quantity: 1 + (n % 2) })),
      );
      const accepted = answers.filter((answer) => answer.status === 202 || answer.status === 200);
      const refused = answers.filter((answer) => answer.status === 422);
      assert.equal(accepted.length, 4);
      assert.equal(new Set(accepted.map((answer) => answer.body.id)).size, 1);
      assert.deepEqual([...new Set(refused.map((answer) => answer.body.code))], ["idempotency-key-reused"]);
      assert.equal(refused.length, 4);
    }
  });

  it("a purchase with the key of another strategy, ticket type, customer or quantity is refused", async () => {
    const { api } = installation;
    const key = newKey();
    await api.purchase({ eventCode, key });
    const others = [
      { strategy: "pessimistic" },
      { ticketType: "VIP" },
      { customerRef: "customer-1" },
      { quantity: 2 },
    ] as const;
    for (const other of others) assert.equal((await api.purchase({ eventCode, key, ...other })).status, 422);
    assert.equal((await api.purchase({ eventCode, key, strategy: "optimistic" })).status < 300, true);
  });

  it("a key whose purchase was refused stays free", async () => {
    const { api } = installation;
    const key = newKey();
    assert.equal((await api.purchase({ eventCode: "no-such-event", key })).body.code, "event-not-found");
    assert.equal((await api.purchase({ eventCode, ticketType: "NONE", key })).body.code, "ticket-type-not-found");
    assert.equal((await api.purchase({ eventCode, quantity: 0, key })).body.code, "validation-failed");
    const accepted = await api.purchase({ eventCode, key });
    assert.deepEqual([accepted.status, accepted.headers.get("idempotent-replayed")], [202, null]);
  });

  it("simultaneous replays of many keys each return their own order", async () => {
    const { api } = installation;
    const keys = Array.from({ length: 60 }, newKey);
    const first = await Promise.all(keys.map((key, n) => api.purchase({ eventCode, key, quantity: n + 1 })));
    const again = await Promise.all(keys.map((key, n) => api.purchase({ eventCode, key, quantity: n + 1 })));
    assert.deepEqual(
      again.map((answer) => answer.body.id),
      first.map((answer) => answer.body.id),
    );
    assert(again.every((answer) => answer.headers.get("idempotent-replayed") === "true"));
  });
});
