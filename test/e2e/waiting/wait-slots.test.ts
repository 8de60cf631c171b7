import { strict as assert } from "node:assert";
import { connect as connectSocket } from "node:net";
import { before, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { connect } from "../../support/database/database.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { type Api, newKey } from "../../support/http/api.ts";
import { openStream, type StreamClient } from "../../support/http/event-stream.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { until, untilTrue } from "../../support/until.ts";

const waitersMax = 5;

describePipeline("the wait slots", (backend) => {
  let api: Api;
  let db: Db;
  let eventCode: string;
  let order: Order;

  before(async () => {
    const settings = { WAITERS_MAX: String(waitersMax) };
    const installation = await startInstallation(backend, { workers: 0, settings });
    ({ api } = installation);
    db = connect(installation.databaseUrl);
    eventCode = await api.createEvent({ STANDARD: 100 });
    order = (await api.purchase({ eventCode })).body;
  });

  const orderStream = () => openStream<unknown>(`${api.baseUrl}/api/v1/orders/${order.id}/stream`);
  const eventStream = () => openStream<unknown>(`${api.baseUrl}/api/v1/events/${eventCode}/stream`);

  /** Takes all wait slots with streams of both kinds, and waits for each until it is free. */
  async function takeAllSlots(): Promise<StreamClient<unknown>[]> {
    const streams: StreamClient<unknown>[] = [];
    while (streams.length < waitersMax) {
      const open = streams.length % 2 === 0 ? orderStream : eventStream;
      const take = async () => {
        const stream = await open();
        return (await stream.isServed()) ? stream : null;
      };
      streams.push(await until("a wait slot is free", take));
    }
    return streams;
  }

  async function assertNoSlot(): Promise<void> {
    const delays = new Set<number>();
    for (const open of [orderStream, eventStream, orderStream, eventStream, orderStream, eventStream]) {
      const { ended, messages, comments, retryMs } = await open();
      assert.equal(await ended, "ended");
      assert.deepEqual([messages, comments], [[], []]);
      const delayMs = retryMs() ?? 0;
      assert(delayMs >= 1_000 && delayMs <= 5_000, `${delayMs} ms`);
      delays.add(delayMs);
    }
    assert(delays.size > 1, "every client would come back in the same moment");
  }

  const countTaken = (kind: string) => api.metric(`wait_slots_taken{kind="${kind}"}`);

  it("are limited: without one, a purchase or poll is answered at once, and a stream ends at once", async () => {
    const streams = await takeAllSlots();
    assert.deepEqual([await countTaken("stream"), await countTaken("request")], [waitersMax, 0]);
    assert.equal(await api.metric("wait_slots"), waitersMax);
    const bought = await api.purchase({ eventCode, waitSeconds: 30 });
    assert.deepEqual([bought.status, bought.headers.get("preference-applied")], [202, null]);
    assert.equal(bought.headers.get("retry-after"), "1");
    const polled = await api.get<Order>(`/api/v1/orders/${bought.body.id}`, { prefer: "wait=30" });
    assert.deepEqual([polled.status, polled.headers.get("preference-applied")], [200, null]);
    const etag = polled.headers.get("etag") ?? "";
    const again = await api.get(`/api/v1/orders/${order.id}`, { prefer: "wait=30", "if-none-match": etag });
    assert.deepEqual([again.status, again.headers.get("preference-applied")], [304, null]);
    await assertNoSlot();
    for (const stream of streams) stream.leave();
  });

  it("are free again when clients close their streams", async () => {
    for (let round = 0; round < 3; round++) for (const stream of await takeAllSlots()) stream.leave();
  });

  const headers = { prefer: "wait=30", "content-type": "application/json" };
  const body = JSON.stringify({ eventCode: "unset", ticketType: "STANDARD", quantity: 1 });
  const requests = {
    purchases: (signal: AbortSignal) =>
      fetch(`${api.baseUrl}/api/v1/orders/purchase`, {
        method: "POST",
        signal,
        headers: { ...headers, "idempotency-key": newKey() },
        body: body.replace("unset", eventCode),
      }),
    polls: (signal: AbortSignal) => fetch(`${api.baseUrl}/api/v1/orders/${order.id}`, { signal, headers }),
  };
  for (const [name, send] of Object.entries(requests)) {
    it(`are free again when clients abort ${name}, also right after sending them`, async () => {
      for (const stream of await takeAllSlots()) stream.leave();
      const abort = new AbortController();
      let answeredCount = 0;
      const sendOne = () => {
        const answered = () => {
          answeredCount++;
        };
        send(abort.signal).then(answered, () => undefined);
      };
      await untilTrue("no wait slot is free, and further requests are answered at once", async () => {
        sendOne();
        if (answeredCount === 0) return false;
        const stream = await orderStream();
        const isServed = await stream.isServed();
        stream.leave();
        return !isServed;
      });
      assert.equal(await countTaken("request"), waitersMax);
      await assertNoSlot();
      for (let n = 0; n < waitersMax; n++) sendOne();
      abort.abort();
      for (const stream of await takeAllSlots()) stream.leave();
    });
  }

  it("are free again when the waiting time is up", async () => {
    const wait = () => api.get(`/api/v1/orders/${order.id}`, { prefer: "wait=1" });
    const granted = async () => (await wait()).headers.get("preference-applied") === "wait=1";
    await untilTrue("a wait slot is free", granted);
    await Promise.all(Array.from({ length: 2 * waitersMax }, wait));
    for (const stream of await takeAllSlots()) stream.leave();
  });

  it("are not taken by clients who disconnect before they get one", async () => {
    const unseen = await api.createEvent({ STANDARD: 1 });
    const { tx, rollback } = await openTransaction(db);
    await sql`LOCK TABLE events IN ACCESS EXCLUSIVE MODE`.execute(tx);
    const sockets = Array.from({ length: 4 * waitersMax }, () => {
      const socket = connectSocket(Number(new URL(api.baseUrl).port), "127.0.0.1");
      socket.write(`GET /api/v1/events/${unseen}/stream HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      return socket;
    });
    await untilBlocked(db);
    for (const socket of sockets) socket.resetAndDestroy();
    // The gateway handles these requests after the events of the closed connections.
    for (let n = 0; n < 3; n++) await api.get("/livez");
    await rollback();
    for (const stream of await takeAllSlots()) stream.leave();
  });
});
