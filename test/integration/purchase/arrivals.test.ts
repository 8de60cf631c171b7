import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { arrivedChannel, parseBuckets } from "@onsale/database/announcements/channels";
import { createListener } from "@onsale/database/announcements/listen";
import type { Db } from "@onsale/database/client";
import { createArrivals } from "@onsale/gateway/dispatch/arrivals";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { untilTrue } from "../../support/until.ts";

describe("announcing arrivals to workers", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  it("announces each bucket once, and buckets of the same moment together", async () => {
    const received: number[][] = [];
    const listener = createListener({
      url,
      applicationName: "onsale-test",
      handlers: { [arrivedChannel]: (payload) => received.push(parseBuckets(payload)) },
      onListening: () => undefined,
      onLost: assert.fail,
    });
    atEnd(listener.close);
    await untilTrue("it listens", listener.isListening);
    const arrivals = createArrivals(db, (error) => assert.ifError(error));
    for (const bucket of [3, 17, 3, 63]) arrivals.announce(bucket);
    await arrivals.close();
    await untilTrue("the announcement is received", () => received.length > 0);
    assert.deepEqual(received, [[3, 17, 63]]);
  });

  it("reports an announcement that cannot be sent, and does not throw", async () => {
    const errors: unknown[] = [];
    const nowhere = connect(`postgres://onsale@127.0.0.1:${await findFreePort()}/onsale`);
    const arrivals = createArrivals(nowhere, (error) => errors.push(error));
    arrivals.announce(3);
    await arrivals.close();
    assert.equal(errors.length, 1);
  });
});
