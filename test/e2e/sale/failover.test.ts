import { it } from "node:test";
import { describePipeline } from "../../support/services/backends.ts";
import { sellThroughFailover } from "../../support/services/scenarios/failover.ts";

describePipeline("a failover in mid-sale that leaves sessions open to the old primary", (backend) => {
  it("loses nothing that was accepted, and sales go on by themselves", () => sellThroughFailover(backend, "demote"));
});
