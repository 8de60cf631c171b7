import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePort } from "@onsale/standalone/free-port";
import { sql } from "kysely";
import { connect } from "../../support/database/database.ts";
import { alterDatabase, terminateSessions } from "../../support/database/odd-database.ts";
import { type Backend, describeOnBoth, describePipeline } from "../../support/services/backends.ts";
import { startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { startAdmin, startNotifier } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

/** Far less than the 30 s in which an order is decided after any fault. */
const recoveryMaxMs = 10_000;

const start = (backend: Backend) =>
  startInstallation(backend, {
    settings: { WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"), ADMIN_PASSWORD: "correct horse battery" },
  });

describeOnBoth("sessions that are alive but useless", start, (it) => {
  it("answer 503 while the database is read-only; all services continue when it is not", async (installation) => {
    const { databaseUrl, environment, gateways, workers, api } = installation;
    const adminMetricsPort = await findFreePort();
    const [notifier] = await Promise.all([
      startNotifier(environment),
      startAdmin({ ...environment, METRICS_PORT: String(adminMetricsPort) }),
    ]);
    const others = [notifier, { url: `http://127.0.0.1:${adminMetricsPort}` }];
    const observer = connect(databaseUrl, 1);
    const eventCode = await api.createEvent({ STANDARD: 10_000 });
    assert.equal((await api.purchase({ eventCode, waitSeconds: 10 })).body.status, "CONFIRMED");
    const isReady = async (url: string) => (await fetch(`${url}/readyz`)).status;
    const readies = () => Promise.all([...gateways, ...workers, ...others].map(({ url }) => isReady(url)));

    // Purchases arrive all the time.
    const statuses = new Map<number, number>();
    let isSelling = true;
    const buy = async () => {
      while (isSelling) {
        const { status, headers } = await api.purchase({ eventCode });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 503) assert.equal(headers.get("retry-after"), "1");
        await delay(20);
      }
    };
    const buyers = [1, 2, 3, 4].map(buy);

    await alterDatabase(databaseUrl, { default_transaction_read_only: "on" });
    await terminateSessions(observer);
    await delay(3_000);
    const refused = await api.purchase({ eventCode });
    assert.deepEqual([refused.status, refused.body.code], [503, "dependency-unavailable"]);
    assert.deepEqual(new Set(await readies()), new Set([503]));

    await alterDatabase(databaseUrl, { default_transaction_read_only: "off" });
    const decided = async () => (await api.purchase({ eventCode, waitSeconds: 2 })).body.status === "CONFIRMED";
    await untilTrue("purchases are decided", decided, recoveryMaxMs);
    await untilTrue("all are ready", async () => (await readies()).every((status) => status === 200), recoveryMaxMs);
    isSelling = false;
    await Promise.all(buyers);
    assert.deepEqual(
      [...statuses.keys()].filter((status) => status !== 202 && status !== 503),
      [],
    );
    await untilAllDecided(api, eventCode, recoveryMaxMs);
    await api.assertSound(eventCode);
  });
});

describePipeline("sessions whose plans no longer fit", (backend) => {
  it("are not noticed when a column is changed or added while gateways and workers run", async () => {
    const { databaseUrl, api } = await startInstallation(backend);
    const observer = connect(databaseUrl, 1);
    const eventCode = await api.createEvent({ STANDARD: 10_000 });
    const sold = new Map<number, number>();
    let isSelling = true;
    const buy = async () => {
      while (isSelling) {
        const { status, body } = await api.purchase({ eventCode, waitSeconds: 10, customerRef: "somebody" });
        sold.set(status, (sold.get(status) ?? 0) + 1);
        if (status === 200) await api.order(body.id);
        await api.get("/api/v1/orders");
      }
    };
    const buyers = [1, 2, 3, 4].map(buy);
    await delay(500);
    await sql`ALTER TABLE orders ALTER COLUMN customer_ref TYPE varchar(200)`.execute(observer);
    await delay(500);
    await sql`ALTER TABLE orders ADD COLUMN later_version int`.execute(observer);
    await delay(1_000);
    isSelling = false;
    await Promise.all(buyers);
    assert.deepEqual(
      [...sold.keys()].filter((status) => ![200, 202, 503].includes(status)),
      [],
    );
    await untilAllDecided(api, eventCode, recoveryMaxMs);
    await api.assertSound(eventCode);
  });
});
