import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { Line } from "@onsale/domain/decide";
import { alwaysOpen } from "@onsale/domain/sale-window";
import type { CatalogueEvent } from "../catalogue/catalogue.ts";
import { findRefusal } from "./sale-rules.ts";

const clock = { nowMs: () => 0, errorMs: () => 0 };

function typeWith(maxPerOrder: number | null) {
  return { price: null, window: alwaysOpen, maxPerOrder, maxPerCustomer: null, isHidden: false };
}

const event: CatalogueEvent = {
  id: 1,
  code: "EVNT-1",
  window: alwaysOpen,
  isPaused: false,
  isCancelled: false,
  maxPerOrder: 2,
  maxPerCustomer: null,
  isRuled: true,
  ticketTypes: new Map([
    ["VIP", typeWith(1)],
    ["STANDARD", typeWith(null)],
    ["CHILD", typeWith(1)],
  ]),
};

/** The limit that refuses an order with a code for VIP; null when it passes. */
function limitOf(quantities: Readonly<Record<string, number>>, maxPerOrder: number | null): number | null {
  const lines = Object.entries(quantities).map(([ticketType, quantity]): Line => ({ ticketType, quantity }));
  const rest = { holdSeconds: null, allowPartial: false, customerRef: null, waitlist: false };
  const demand = { eventCode: event.code, lines, accessCode: "secret", ...rest };
  const code = { eventId: 1, digest: Buffer.from("1"), id: 1, ticketTypes: ["VIP"], maxPerOrder };
  const refusal = findRefusal(event, demand, alwaysOpen, clock, code);
  return refusal === undefined ? null : (refusal.extra.maxPerOrder ?? null);
}

describe("the limit of an access code", () => {
  it("takes the place of the event's and the type's, for the ticket types that it names", () => {
    assert.equal(limitOf({ VIP: 10 }, 10), null);
    assert.equal(limitOf({ VIP: 11 }, 10), 10);
    assert.equal(limitOf({ VIP: 2 }, 1), 1);
  });

  it("leaves other ticket types under theirs", () => {
    assert.equal(limitOf({ STANDARD: 10 }, 10), 2);
    assert.equal(limitOf({ VIP: 10, STANDARD: 2 }, 10), null);
    assert.equal(limitOf({ VIP: 10, STANDARD: 3 }, 10), 2);
    assert.equal(limitOf({ VIP: 10, CHILD: 2 }, 10), 1);
  });

  it("is that of the event and the types when the code has none", () => {
    assert.equal(limitOf({ VIP: 2 }, null), 1);
    assert.equal(limitOf({ STANDARD: 3 }, null), 2);
  });
});
