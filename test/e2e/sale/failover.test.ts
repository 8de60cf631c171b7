import { strict as assert } from "node:assert";
import { it } from "node:test";
import { startReplicatedPostgres } from "../../support/database/replicated-postgres.ts";
import { createApi } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { assertKept, startBuyers } from "../../support/services/buyers.ts";
import { untilAllDecided } from "../../support/services/installation.ts";
import { type Service, startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const recoveryMaxMs = 20_000;

describePipeline("a failover to a synchronous standby in mid-sale", (backend) => {
  for (const kind of ["crashes", "becomes read-only and keeps its sessions"] as const) {
    it(`loses nothing that was accepted, and sales go on by themselves, when the primary ${kind}`, async () => {
      const { primaryUrl, primary, demote, promote } = await startReplicatedPostgres();
      const environment = { ...(await backend.start()), DATABASE_URL: primaryUrl };
      const services = await Promise.all([startGateway(environment), startWorker(environment)]);
      const api = createApi(services[0].url);
      const eventCode = await api.createEvent({ STANDARD: 1_000_000 });
      const buyers = startBuyers(api, eventCode);
      await untilTrue("tickets are sold", () => buyers.accepted.size > 100);
      const readyCount = async () => (await Promise.all(services.map(isReady))).filter(Boolean).length;

      if (kind === "crashes") await primary.crash();
      else await demote();
      await untilTrue("nobody is ready", async () => (await readyCount()) === 0, recoveryMaxMs);
      const soldBefore = buyers.accepted.size;
      await promote();
      await untilTrue("tickets are sold again", () => buyers.accepted.size > soldBefore + 20, recoveryMaxMs);
      await untilTrue("all are ready", async () => (await readyCount()) === services.length, recoveryMaxMs);

      // Without notifications orders are looked up every 5 s, so one such purchase may be in luck, but not three.
      const isAnswered = async () => {
        for (let number = 0; number < 3; number++) {
          if ((await api.purchase({ eventCode, waitSeconds: 3 })).status !== 200) return false;
        }
        return true;
      };
      await untilTrue("buyers are told of decisions", isAnswered, recoveryMaxMs);
      await buyers.stop();
      await untilAllDecided(api, eventCode, recoveryMaxMs);
      await assertKept(buyers, api, eventCode);
      assert(buyers.statuses.has(503), "no purchase met the failover");
    });
  }
});

async function isReady({ url }: Service): Promise<boolean> {
  return (await fetch(`${url}/readyz`)).status === 200;
}
