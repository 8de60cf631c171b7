// Gateways audit events by themselves: no client requests an audit here.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { connect } from "../../support/database/database.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { untilTrue } from "../../support/until.ts";

describe("gateways without an audit request", () => {
  it("detect manipulated stock shortly after the event's last decision", async () => {
    // The gateways log the expected violation as an error; silence keeps it out of the test's output.
    const settings = { AUDIT_AFTER_SECONDS: "1", LOG_LEVEL: "silent" };
    const installation = await startInstallation(postgresQueues, { gateways: 2, settings });
    const { api, databaseUrl, gateways } = installation;
    const eventCode = await api.createEvent({ STANDARD: 10, VIP: 3 });
    await sql`UPDATE inventory SET allocated = 1 WHERE ticket_type = 'VIP'`.execute(connect(databaseUrl, 1));

    const { body } = await api.purchase({ eventCode, waitSeconds: 10 });
    assert.equal(body.status, "CONFIRMED");

    await untilTrue("a gateway has counted it", async () => {
      const pages = await Promise.all(gateways.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
      return pages.some((page) => /^invariant_violations_total [1-9]/m.test(page));
    });
  });
});
