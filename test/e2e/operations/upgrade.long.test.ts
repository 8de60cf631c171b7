// A deploy in mid-sale with a million orders, of which half of the old processes are killed.
import { describe, it } from "node:test";
import { deploy, startOldSale } from "../../support/services/scenarios/deploy.ts";

describe("a deploy in mid-sale with a million orders", () => {
  it("keeps every promise, also when old processes are killed", async () => {
    await deploy(await startOldSale(1_000_000), "kill");
  });
});
