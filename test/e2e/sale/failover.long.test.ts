import { it } from "node:test";
import { describeOnBackends } from "../../support/services/backends.ts";
import { sellThroughFailover } from "../../support/services/scenarios/failover.ts";

describeOnBackends("a failover in mid-sale loses nothing that was accepted, and sales go on", (backend) => {
  for (const by of ["address", "hosts"] as const) {
    it(`after the primary crashed, by ${by}`, () => sellThroughFailover(backend, "crash", by));

    it(`after the primary became read-only and kept its sessions, by ${by}`, () =>
      sellThroughFailover(backend, "demote", by));
  }
});
