import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createLedger, type Ledger } from "../ledger.ts";
import { checkCustomers, checkLine } from "./checks.ts";
import type { ChangeOfEvent, Facts } from "./scenario.ts";

function faultsOf(check: (ledger: Ledger) => void): string[] {
  const ledger = createLedger(1);
  check(ledger);
  return ledger.faults().map(({ what }) => what);
}

const at = "2030-06-01T19:00:00.000Z";

function changes(...steps: readonly [string, ChangeOfEvent["from"], ChangeOfEvent["to"]][]): ChangeOfEvent[] {
  return steps.map(([orderId, from, to]) => ({ orderId, from, to, at, version: 2, actor: "onsale", reason: null }));
}

describe("the checks of a scenario", () => {
  it("find an offer that passed the first in line", () => {
    const wait = changes(["a", "PENDING", "WAITING"], ["b", "PENDING", "WAITING"]);
    const inLine = [...wait, ...changes(["a", "WAITING", "HELD"], ["b", "WAITING", "HELD"])];
    const passed = [...wait, ...changes(["b", "WAITING", "HELD"])];
    const left = [...wait, ...changes(["a", "WAITING", "CANCELLED"], ["b", "WAITING", "HELD"])];
    assert.deepEqual(
      [inLine, passed, left].map((all) => faultsOf((ledger) => checkLine(ledger, all))),
      [[], ["an offer passed the first in line"], []],
    );
  });

  it("find a customer with more tickets than the limit, over all their orders", () => {
    const order = (customerRef: string, quantity: number, status: Facts["orders"][number]["status"]) => ({
      customerRef,
      status,
      items: [{ ticketType: "STANDARD", quantity }],
    });
    const most = [
      order("a", 2, "CONFIRMED"),
      order("a", 2, "HELD"),
      order("a", 2, "CANCELLED"),
      order("b", 4, "WAITING"),
    ];
    assert.deepEqual(
      faultsOf((ledger) => checkCustomers(ledger, most, 4)),
      [],
    );
    assert.deepEqual(
      faultsOf((ledger) => checkCustomers(ledger, [...most, order("b", 1, "CONFIRMED")], 4)),
      ["a customer has more than the limit"],
    );
  });
});
