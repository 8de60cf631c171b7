import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { startAdminService } from "../../support/browser/admin.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";

const newKey = () => randomBytes(32).toString("base64");

describe("CUSTOMER_KEY", () => {
  it("must be the one with which the database was used before, or missing", async () => {
    const environment = { DATABASE_URL: await createTestDatabase() };
    const customerKey = newKey();
    await startGateway({ ...environment, CUSTOMER_KEY: customerKey });
    await startWorker({ ...environment, CUSTOMER_KEY: customerKey });
    await startWorker(environment);
    await assert.rejects(startWorker({ ...environment, CUSTOMER_KEY: newKey() }), /ended with exit code 1/);
    await assert.rejects(startAdminService({ ...environment, CUSTOMER_KEY: newKey() }), /ended with exit code 1/);
    await assert.rejects(startGateway({ ...environment, CUSTOMER_KEY: newKey() }), /ended with exit code 1/);
  });
});
