// The HTTP server for whatever watches a process: health and metrics.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "@onsale/observability/metrics";
import { findHeadFault, refuseExpectations, unknownExpectation } from "./message-rules.ts";
import { requestTimeouts } from "./request-timeouts.ts";

/** Far more than the programs that watch a process. */
const connectionCountMax = 100;
const defaultRequestTimeoutMs = 10_000;
const idleTimeoutMs = 60_000;
const jsonType = "application/json";

export type OpsServer = Readonly<{ url: string; close: () => Promise<void> }>;

/**
 * Starts a small HTTP server for monitoring: `/livez` (checks nothing but the process itself), `/readyz` and
 * `/metrics`.
 *
 * @param isReady whether the process can do its work now
 * @param requestTimeoutMs how long a client may take to send a request, head and body
 * @throws the error of listening, such as EADDRINUSE
 */
export async function startOpsServer(
  address: Readonly<{ host: string; port: number }>,
  metrics: Metrics,
  isReady: () => Promise<boolean>,
  requestTimeoutMs = defaultRequestTimeoutMs,
): Promise<OpsServer> {
  const options = { requireHostHeader: false, ...requestTimeouts(requestTimeoutMs) };
  const server = createServer(options, async (request, response) => {
    const answer = (status: number, body: string, type = jsonType) =>
      response.writeHead(status, { "content-type": type }).end(body);
    const fault = findHeadFault(request);
    if (fault !== undefined) return answer(400, JSON.stringify({ status: "BAD_REQUEST", detail: fault }));
    if (request.method !== "GET" && request.method !== "HEAD") return answer(405, '{"status":"METHOD_NOT_ALLOWED"}');
    const path = request.url?.split("?")[0];
    if (path === "/livez") return answer(200, '{"status":"UP"}');
    if (path === "/metrics") return answer(200, await metrics.text(), metrics.contentType);
    if (path !== "/readyz") return answer(404, '{"status":"NOT_FOUND"}');
    const ready = await isReady().catch(() => false);
    return answer(ready ? 200 : 503, ready ? '{"status":"UP"}' : '{"status":"DOWN"}');
  });
  const expectation = JSON.stringify({ status: "EXPECTATION_FAILED", detail: unknownExpectation });
  refuseExpectations(server, () => ({ type: jsonType, body: expectation }));
  server.maxConnections = connectionCountMax;
  server.setTimeout(idleTimeoutMs);
  server.listen(address.port, address.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return { url: `http://${host}:${port}`, close };
}
