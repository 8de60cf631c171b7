import { strict as assert } from "node:assert";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { atEnd } from "../../support/cleanup.ts";
import { createApi } from "../../support/http/api.ts";
import { openStream } from "../../support/http/event-stream.ts";
import { describePipeline, postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { startGateway } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

describePipeline("a gateway that is asked to stop", (backend) => {
  it("is not ready at once, but serves and closes what it answers, until DRAIN_SECONDS are over", async () => {
    const { environment } = await startInstallation(backend, { workers: 0 });
    const drainSeconds = 4;
    const gateway = await startGateway({ ...environment, DRAIN_SECONDS: String(drainSeconds) });
    const api = createApi(gateway.url);
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const { body: order, headers } = await api.purchase({ eventCode });
    assert.equal(headers.get("connection"), "keep-alive");
    const stream = await openStream<Order>(`${gateway.url}/api/v1/orders/${order.id}/stream`);
    await stream.untilMessage("it is pending", ({ status }) => status === "PENDING");
    const longPoll = api.get<Order>(`/api/v1/orders/${order.id}`, { prefer: "wait=2" });
    await untilTrue("the poll waits", async () => (await api.metric('wait_slots_taken{kind="request"}')) === 1);

    const askedMs = performance.now();
    const exited = gateway.stop();
    await untilTrue("it is not ready", async () => (await fetch(`${gateway.url}/readyz`)).status === 503, 1_000);
    const bought = await api.purchase({ eventCode });
    assert.deepEqual([bought.status, bought.headers.get("connection")], [202, "close"]);
    const polled = await longPoll;
    assert.deepEqual([polled.status, polled.headers.get("connection")], [200, "close"]);
    const late = await openStream<Order>(`${gateway.url}/api/v1/orders/${order.id}/stream`);
    await late.untilMessage("it is pending", ({ status }) => status === "PENDING");
    assert.equal((await api.get("/livez")).status, 200);
    const streams = await Promise.all([stream.ended, late.ended]);
    assert.deepEqual(streams, ["ended", "ended"]);
    assert(performance.now() - askedMs >= drainSeconds * 1_000 - 100, "streams ended before the time was over");
    assert.equal(await exited, 0);
  });
});

it("connections beyond Node's default of 511 wait for a busy gateway", async () => {
  const { gateways } = await startInstallation(postgresQueues, { workers: 0 });
  const [gateway] = gateways;
  assert(gateway !== undefined);
  process.kill(gateway.pid, "SIGSTOP");
  let connectedCount = 0;
  const sockets = Array.from({ length: 1_500 }, () => {
    const socket = connectSocket(Number(new URL(gateway.url).port), "127.0.0.1");
    socket.on("connect", () => connectedCount++);
    socket.on("error", () => undefined);
    return socket;
  });
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
  });
  try {
    await untilTrue("all connections are accepted", () => connectedCount === sockets.length, 5_000);
  } finally {
    process.kill(gateway.pid, "SIGCONT");
  }
  const [last] = sockets.slice(-1);
  assert(last !== undefined);
  last.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const [answer] = await once(last, "data");
  assert.match(String(answer), /^HTTP\/1\.1 200 /);
});
