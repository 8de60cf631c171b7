import { strict as assert } from "node:assert";
import { test } from "node:test";
import { costTable } from "./result-tables.ts";
import { summarise } from "./results.ts";

test("the cost table has a row for each transition that a run measured", () => {
  const figures = {
    "cpuMsPerOrder.gateway": 0.2,
    walBytesPerOrder: 2_000,
    "cancel.cpuMs.gateway": 0.08,
    "cancel.walBytes": 1_300,
  };
  const { head, rows } = costTable([summarise("cancel-storm", "onsale-postgres", [figures])]);
  const [gateway, wal] = [head.indexOf("gateway"), head.indexOf("WAL bytes")];
  assert.deepEqual(
    rows.map((row) => [row[0], row[gateway], row[wal]]),
    [
      ["cancel-storm, onsale-postgres", "200", "2,000"],
      ["cancel-storm, onsale-postgres: one cancel", "80", "1,300"],
    ],
  );
  for (const row of rows) assert.equal(row.length, head.length);
});
