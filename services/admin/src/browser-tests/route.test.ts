import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { endpointFilters, findOrdersHash, parseRoute, webhooksHash } from "../browser/route.ts";

const orderId = "01990000-0000-7000-8000-00000000ffff";

describe("a route of the console", () => {
  it("names the overview, the system, an event, or an order", () => {
    for (const hash of ["", "#", "#/"]) assert.deepEqual(parseRoute(hash), { view: "overview" });
    assert.deepEqual(parseRoute("#/system"), { view: "system" });
    assert.deepEqual(parseRoute("#/events/7"), { view: "event", id: 7 });
    assert.deepEqual(parseRoute("#/events/2147483647"), { view: "event", id: 2_147_483_647 });
    assert.deepEqual(parseRoute(`#/orders/${orderId}`), { view: "order", id: orderId });
  });

  it("names the search for orders, with what was searched for", () => {
    assert.deepEqual(parseRoute("#/orders"), { view: "find-orders", search: "" });
    for (const search of ["anna", "a&b=c?d#e/f%", "100%", "é 😀"]) {
      assert.deepEqual(parseRoute(findOrdersHash(search)), { view: "find-orders", search });
    }
    assert.deepEqual(parseRoute("#/orders?q=100%"), { view: "find-orders", search: "100%" });
    assert.equal(findOrdersHash(""), "#/orders");
  });

  it("names webhook endpoints by their state, one endpoint, the API keys, or the queues", () => {
    for (const filter of endpointFilters)
      assert.deepEqual(parseRoute(webhooksHash(filter)), { view: "webhooks", filter });
    assert.equal(webhooksHash("all"), "#/webhooks");
    assert.deepEqual(parseRoute(`#/webhooks/${orderId.toUpperCase()}`), { view: "endpoint", id: orderId });
    assert.deepEqual(parseRoute("#/keys"), { view: "keys" });
    assert.deepEqual(parseRoute("#/queues"), { view: "queues" });
  });

  it("that names no view has a message that says so", () => {
    for (const [hash, message] of [
      ["#/events/9999999999", "There is no event with this number."],
      ["#/events/2147483648", "There is no event with this number."],
      ["#/events/0", "There is no event with this number."],
      ["#/events/rock", "There is no event with this number."],
      ["#/webhooks/typo", "There is no webhook endpoint with this id."],
      ["#/webhooks?state=odd", "There is no such page."],
      ["#/keys/1", "There is no such page."],
      ["#/orders/typo", "There is no order with this id."],
      [`#/orders/${orderId}0`, "There is no order with this id."],
      ["#/queue", "There is no such page."],
    ] as const) {
      assert.deepEqual(parseRoute(hash), { view: "not-found", message }, hash);
    }
  });
});
