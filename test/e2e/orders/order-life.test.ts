// The life of an order on real processes that die: every transition counts once, and nothing is sold twice or lost.
import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { expireHold } from "../../support/database/holds.ts";
import { askUntilAnswered, type Kill, purchase } from "../../support/orders/ask.ts";
import {
  gatewayNames,
  type KillableInstallation,
  startKillableInstallation,
  workerNames,
} from "../../support/orders/killable-installation.ts";
import { races } from "../../support/orders/races.ts";
import { runRaces } from "../../support/orders/run-races.ts";
import { createRandom } from "../../support/random.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { untilTrue } from "../../support/until.ts";

describePipeline("the life of orders", (backend) => {
  const { random, seed } = createRandom();
  let installation: KillableInstallation;

  before(async () => {
    installation = await startKillableInstallation(backend);
  });

  it("a hold expires at its time, without any traffic", async () => {
    const { apis, db } = installation;
    const [api] = apis;
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const { body } = await askUntilAnswered(installation, purchase(eventCode, 1, true), random);
    assert.equal(body.status, "HELD");
    await expireHold(db, body.id);
    await untilTrue("it has expired", async () => (await api.order(body.id)).status === "EXPIRED");
    assert.deepEqual(
      (await api.inventory(eventCode)).map(({ available }) => available),
      [1],
    );
    await api.assertSound(eventCode);
  });

  // Last, because the processes that it starts end with it.
  it(`changes that many ask for at once happen once, while processes are killed, seed ${seed}`, async () => {
    const count = 60;
    const kinds = Object.values(races);
    const kills: readonly Kill[] = [
      { moment: "blocked", names: [gatewayNames[0]] },
      { moment: "transition", names: [gatewayNames[1]] },
      // The last answers are those for payments at the end of holds, which then only the gateways see.
      { moment: count * kinds.length - Math.floor(count * (0.5 + random() * 0.3)), names: workerNames },
    ];
    await runRaces(installation, kinds, { count, kills, random });
  });
});
