import { strict as assert } from "node:assert";
import { once } from "node:events";
import { connect } from "node:net";
import { it } from "node:test";
import { createMetrics } from "@onsale/observability/metrics";
import { startOpsServer } from "@onsale/service/ops-server";
import { atEnd } from "../../support/cleanup.ts";

/** Below the 30 s after which Node checks for late requests by default. */
const deadline = { timeout: 15_000 };

it("the operations server closes a connection whose request does not arrive", deadline, async () => {
  const address = { host: "127.0.0.1", port: 0 };
  const server = await startOpsServer(address, createMetrics(), async () => true, 100);
  atEnd(server.close);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(server.url).port) });
  atEnd(() => socket.destroy());
  let answer = "";
  socket.on("data", (data) => {
    answer += data.toString();
  });
  socket.write("GET /metrics HTTP/1.1\r\nHost: localh");
  await once(socket, "close");
  assert.match(answer, /^HTTP\/1\.1 408 /);
});
