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
import { confirmOrExpire, racesForOne } from "../../support/orders/races.ts";
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

  // The last test, because the processes that it starts end with it.
  it(`changes that many ask for at once happen once, while processes are killed, seed ${seed}`, async () => {
    const count = 60;
    const kills: readonly Kill[] = [
      { moment: "blocked", names: [gatewayNames[0]] },
      { moment: "transition", names: [gatewayNames[1]] },
      { moment: Math.floor(random() * count * 4), names: workerNames },
    ];
    await runRaces(installation, Object.values(racesForOne), { count, kills, random });
    // Without workers, only the gateways see that a hold has ended.
    const workersFirst: readonly Kill[] = [
      { moment: "transition", names: workerNames },
      { moment: count / 2, names: [gatewayNames[0]] },
    ];
    await runRaces(installation, [confirmOrExpire], { count, kills: workersFirst, random });
  });
});
