// Exports of a million orders, by a gateway that has little memory.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { createDatabase } from "@onsale/database/client";
import { atEnd } from "../../support/cleanup.ts";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { createApi } from "../../support/http/api.ts";
import { openExport } from "../../support/http/export.ts";
import { startGateway } from "../../support/services/services.ts";

const orderCount = 1_000_000;
const growthMaxMebibytes = 100;

it("a million orders are exported in less than 100 MiB, beside readers that take nothing", async () => {
  const databaseUrl = await createTestDatabase();
  const session = { url: databaseUrl, applicationName: "onsale-test", connectionCountMax: 2 };
  const db = createDatabase({ ...session, statementTimeoutMs: 240_000 });
  atEnd(() => db.destroy());
  // Without a limit V8 collects garbage only once there is much of it. With this one a leak ends the process.
  const NODE_OPTIONS = "--max-old-space-size=80 --max-semi-space-size=8";
  const { url, pid } = await startGateway({ DATABASE_URL: databaseUrl, NODE_OPTIONS });
  const api = createApi(url);
  const eventCode = await api.createEvent({ STANDARD: 10 });
  const resident = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
  await placePendingOrders(db, eventCode, orderCount);
  const before = resident();
  const path = `${url}/api/v1/events/${eventCode}/orders`;
  const stalled = await Promise.all(["csv", "ndjson", "csv"].map((format) => openExport(`${path}.${format}`)));

  let most = before;
  let lineCount = 0;
  let last = "";
  for await (const chunk of await openExport(`${path}.ndjson`)) {
    const text = String(chunk);
    lineCount += text.split("\n").length - 1;
    last = `${last}${text}`.slice(-100);
    most = Math.max(most, resident());
    if (lineCount % 1_000 === 0) assert.equal((await api.get("/api/v1/orders?size=1")).status, 200);
  }

  assert.equal(lineCount, orderCount + 1);
  assert(last.endsWith(`{"end":{"orders":${orderCount}}}\n`));
  assert(most - before < growthMaxMebibytes, `${before} MiB before, at most ${most} MiB`);
  for (const reader of stalled) reader.destroy();
});
