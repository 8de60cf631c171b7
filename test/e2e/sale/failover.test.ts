import { it } from "node:test";
import { describePipeline } from "../../support/services/backends.ts";
import { sellThroughFailover } from "../../support/services/scenarios/failover.ts";

describePipeline("a failover in mid-sale loses nothing that was accepted, and sales go on by themselves", (backend) => {
  it("when it leaves sessions open to the old primary", () => sellThroughFailover(backend, "demote", "address"));

  it("when DATABASE_URL names both hosts, and one of them crashed", () =>
    sellThroughFailover(backend, "crash", "hosts"));
});
