import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { readPlace } from "../browser/places.ts";

const orderId = "01990000-0000-7000-8000-00000000ffff";

describe("an address of the console", () => {
  it("leads to the sale, to an event, or to an order", () => {
    for (const hash of ["", "#", "#/"]) assert.deepEqual(readPlace(hash), { view: "sale" });
    assert.deepEqual(readPlace("#/events/7"), { view: "event", id: 7 });
    assert.deepEqual(readPlace("#/events/2147483647"), { view: "event", id: 2_147_483_647 });
    assert.deepEqual(readPlace(`#/orders/${orderId}`), { view: "order", id: orderId });
  });

  it("that is of no view says so, and shows nothing else in its place", () => {
    for (const [hash, message] of [
      ["#/events/9999999999", "There is no event with this number."],
      ["#/events/2147483648", "There is no event with this number."],
      ["#/events/0", "There is no event with this number."],
      ["#/events/rock", "There is no event with this number."],
      ["#/orders/typo", "There is no order with this id."],
      [`#/orders/${orderId}0`, "There is no order with this id."],
      ["#/queue", "There is no such page."],
    ] as const) {
      assert.deepEqual(readPlace(hash), { view: "nowhere", message }, hash);
    }
  });
});
