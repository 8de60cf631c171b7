// 1,000 clients change one order through two gateways, while gateways and workers are killed: it happens once.
import { it } from "node:test";
import type { Kill } from "../../support/orders/ask.ts";
import { gatewayNames, processNames, startKillableInstallation } from "../../support/orders/killable-installation.ts";
import { races } from "../../support/orders/races.ts";
import { runRaces } from "../../support/orders/run-races.ts";
import { createRandom } from "../../support/random.ts";
import { describeOnBackends } from "../../support/services/backends.ts";

const count = 1_000;
const roundCount = 3;
const laterKillCount = 4;

describeOnBackends("1,000 changes at once while processes are killed", (backend) => {
  const { random, seed } = createRandom();

  /** Gateways die before the first change is committed, and at once when it is; then processes at some moments. */
  function drawKills(): readonly Kill[] {
    const later = Array.from({ length: laterKillCount }, () => ({
      moment: Math.floor(random() * count * 0.9),
      names: processNames.filter(() => random() < 0.4),
    }));
    const some = random() < 0.5 ? gatewayNames : gatewayNames.slice(1);
    return [{ moment: "blocked", names: some }, { moment: "transition", names: gatewayNames }, ...later];
  }

  for (const [name, race] of Object.entries(races)) {
    it(`${name}, seed ${seed}`, async (t) => {
      const installation = await startKillableInstallation(backend);
      for (let round = 0; round < roundCount; round++) {
        const options = { count, kills: drawKills(), random };
        const { repeatedCount, readCount } = await runRaces(installation, [race], options);
        t.diagnostic(`${repeatedCount} of ${count} were sent again; the stock was read ${readCount} times`);
      }
    });
  }
});
