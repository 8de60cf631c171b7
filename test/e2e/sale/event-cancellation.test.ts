// An event is cancelled while it sells. Counts and states only, no times.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { cancelReason } from "../../support/database/cancellation.ts";
import { connect } from "../../support/database/database.ts";
import { newKey } from "../../support/http/api.ts";
import { createRandom } from "../../support/random.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import {
  arrangeSoldEvent,
  assertCancelled,
  killWorkers,
  readProgress,
  requestCancellation,
  startCrowd,
} from "../../support/services/event-cancellation.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { createCli } from "../../support/services/program.ts";
import { until, untilTrue } from "../../support/until.ts";

describe("an event that is cancelled", () => {
  let installation: Installation;
  let db: Db;

  before(async () => {
    installation = await startInstallation(postgresQueues, { gateways: 2 });
    db = connect(installation.databaseUrl);
  });

  it("refuses purchases and changes of its stock on every gateway, and answers known keys as before", async () => {
    const [api, other = api] = installation.apis;
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const purchase = { eventCode, key: newKey(), waitSeconds: 10 };
    const { body: bought } = await other.purchase(purchase);
    assert.equal(bought.status, "CONFIRMED");
    const path = `/api/v1/events/${eventCode}/cancellation`;
    assert.equal((await api.get<{ code: string }>(path)).body.code, "cancellation-not-found");

    const first = await requestCancellation(api, eventCode);
    assert.deepEqual([first.status, first.headers.get("location"), first.body.status], [202, path, "running"]);
    const late = await api.purchase({ eventCode });
    assert.deepEqual([late.status, late.body.code], [409, "event-cancelled"]);
    await untilTrue("the other gateway knows it", async () => (await other.purchase({ eventCode })).status === 409);
    const replayed = await other.purchase(purchase);
    assert.deepEqual([replayed.status, replayed.body.id], [200, bought.id]);
    const stock = await other.put<{ code: string }>(`/api/v1/inventory/${eventCode}/STANDARD`, { total: 20 });
    assert.deepEqual([stock.status, stock.body.code], [409, "event-cancelled"]);

    const done = await until("it is done", async () => {
      const progress = await readProgress(api, eventCode);
      return progress.status === "done" ? progress : null;
    });
    assert.deepEqual(done.orders, { total: 1, cancelled: 1, remaining: 0 });
    assert.deepEqual([done.startedAt, done.reason], [first.body.startedAt, first.body.reason]);
    const second = await other.post(`/api/v1/events/${eventCode}/cancel`, { reason: "Another reason." });
    assert.deepEqual([second.status, second.body], [200, done]);
    assert.equal((await api.order(bought.id)).status, "CANCELLED");
    await api.assertSound(eventCode);
  });

  it("is cancelled from the command line, which shows the progress", async () => {
    const event = await arrangeSoldEvent(installation, 600);
    const cli = createCli({ ONSALE_URL: installation.api.baseUrl });
    const { code, stdout, stderr } = await cli.run("events", "cancel", event.code, "--reason", cancelReason);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^orders cancelled +600$/m);
    assert.match(stderr, /^[█░]{24} +\d+ % /m);
    const followed = await cli.run("events", "cancellation", event.code);
    assert.deepEqual([followed.stdout, followed.stderr], [stdout, ""]);
    await assertCancelled(installation.api, db, event);
    const refused = await cli.run("events", "cancel", event.code);
    assert.equal(refused.code, 2, "a reason is needed");
  });

  it("has every order cancelled once, while buyers go on and its workers are killed", async (test) => {
    const { api, apis } = installation;
    const { random, seed } = createRandom();
    test.diagnostic(`TEST_SEED=${seed}`);
    const event = await arrangeSoldEvent(installation, 6_000);
    const crowd = startCrowd(apis, db, event, random);
    await untilTrue("people purchase", () => (crowd.answers.get("purchase 202") ?? 0) > 20);
    await requestCancellation(api, event.code);
    const afterwards = await Promise.all(apis.map((one) => one.purchase({ eventCode: event.code })));
    const midwayCount = await killWorkers(installation, event, 3);
    await crowd.stop();
    await untilAllDecided(api, event.code);
    const count = await assertCancelled(api, db, event, 60_000);
    assert(count > 5_000 && midwayCount > 0, `${count} were cancelled, and ${midwayCount} workers killed meanwhile`);
    for (const { status, body } of afterwards) {
      if (status === 409) continue;
      const { status: state, reason } = await api.order(body.id);
      assert.deepEqual([state, reason?.code], ["REJECTED", "event-cancelled"]);
    }
    test.diagnostic(JSON.stringify(Object.fromEntries(crowd.answers)));
  });
});
