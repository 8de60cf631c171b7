import { it } from "node:test";
import { describeOnBackends } from "../../support/services/backends.ts";
import { sellThroughFailover } from "../../support/services/scenarios/failover.ts";

describeOnBackends("a failover in mid-sale loses nothing that was accepted, and sales go on", (backend) => {
  it("after the primary crashed", () => sellThroughFailover(backend, "crash"));

  it("after the primary became read-only and kept its sessions", () => sellThroughFailover(backend, "demote"));
});
