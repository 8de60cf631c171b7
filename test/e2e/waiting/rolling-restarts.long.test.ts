import { strict as assert } from "node:assert";
import { it } from "node:test";
import { startProxy } from "../../support/external/haproxy.ts";
import { without } from "../../support/external/programs.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { createRestartingGateways, sellDuringRestarts } from "../../support/services/scenarios/rolling-restarts.ts";

it("ten rolling restarts behind the proxy lose no request", { skip: without("haproxy") }, async () => {
  const { environment } = await startInstallation(postgresQueues);
  const gateways = await createRestartingGateways({ ...environment, DRAIN_SECONDS: "5" });
  const proxyUrl = await startProxy(gateways.map(({ url }) => url));
  const { failures, answeredCount } = await sellDuringRestarts(proxyUrl, gateways, 10);
  assert.deepEqual(failures, []);
  assert(answeredCount > 1_500, `${answeredCount}`);
});
