// A deploy in mid-sale, from the version before orders had a life after their decision.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import {
  apiOf,
  assertSaleKept,
  assertServing,
  assertUpgradeInProgress,
  hold,
  startOldSale,
} from "../../support/services/deploy.ts";
import { startGateway, startNotifier, startWorker } from "../../support/services/services.ts";
import { until } from "../../support/until.ts";

describe("a deploy in mid-sale", () => {
  it("loses nothing, sells nothing twice, and refuses what old processes cannot do until they are gone", async () => {
    const sale = await startOldSale(5_000);
    const { environment, gateways, worker, notifier } = sale;
    await assertServing(sale, "old version");

    const firstWorker = await startWorker(environment);
    await assertServing(sale, "old gateways with workers of both versions");
    await firstWorker.stop();
    await assertServing(sale, "old version on the new schema");
    await startWorker(environment);

    const oldGateways = [...gateways];
    gateways.unshift(await startGateway(environment), await startGateway(environment));
    await assertUpgradeInProgress(sale);
    await assertServing(sale, "gateways and workers of both versions");
    await assertUpgradeInProgress(sale);

    gateways.splice(2);
    for (const gateway of oldGateways) assert.equal(await gateway.stop(), 0);
    assert.equal(await worker.stop(), 0);
    await assertServing(sale, "an old notifier");
    await assertUpgradeInProgress(sale);
    await startNotifier(environment);
    assert.equal(await notifier.stop(), 0);

    const held = await until("holds are possible", async () => {
      const answer = await hold(sale);
      return answer.status === 200 ? answer.body : undefined;
    });
    assert.equal(held.status, "HELD");
    await assertSaleKept(sale);
  });
});
