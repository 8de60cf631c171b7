import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Buyer, buyerAt, calmShare, stockFor } from "./crowd.ts";

const plan = { buyers: 20_000, seconds: 60, seed: 7 };
const crowd: readonly Buyer[] = Array.from({ length: plan.buyers }, (_, index) => buyerAt(plan, index));

describe("a crowd", () => {
  it("is the same for the same seed, and another one for another seed", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(19_999), (seed, index) => {
        assert.deepEqual(buyerAt({ ...plan, seed }, index), buyerAt({ ...plan, seed }, index));
      }),
    );
    const types = (seed: number) => Array.from({ length: 100 }, (_, i) => buyerAt({ ...plan, seed }, i).ticketType);
    assert.notDeepEqual(types(1), types(2));
  });

  it("starts in the order of its numbers, within the time", () => {
    const times = crowd.map(({ startsAtMs }) => startsAtMs);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert((times[0] ?? -1) >= 0 && (times.at(-1) ?? 0) <= plan.seconds * 1_000);
  });

  it("has a calm before the sale, a rush when it begins, and a tail", () => {
    const perSecond = (from: number, to: number) =>
      crowd.filter(({ startsAtMs }) => startsAtMs >= from * 1_000 && startsAtMs < to * 1_000).length / (to - from);
    const begins = calmShare * plan.seconds;
    const calm = perSecond(0, begins);
    const rush = perSecond(begins + 1, begins + 4);
    const tail = perSecond(50, 60);
    assert(rush > 10 * calm && rush > 10 * tail && calm > 0 && tail > 0, `${calm}, ${rush}, ${tail}`);
    assert(rush > 1_500 && rush < 3_000, `${rush} a second at the rush`);
  });

  it("wants more tickets than there are, of every type but one", () => {
    const wanted = (type: string) =>
      crowd.filter(({ ticketType }) => ticketType === type).reduce((sum, { quantity }) => sum + quantity, 0);
    for (const { ticketType, total } of stockFor(plan.buyers)) {
      assert.equal(
        wanted(ticketType) > total,
        ticketType !== "BALCONY",
        `${ticketType}: ${wanted(ticketType)} of ${total}`,
      );
    }
  });

  it("contains every kind of buyer", () => {
    assert.deepEqual(new Set(crowd.map(({ style }) => style)), new Set(["wait", "poll", "stream", "leave"]));
    assert(crowd.some(({ disconnects }) => disconnects !== undefined));
    assert(crowd.some(({ clicksAgainAfterMs }) => clicksAgainAfterMs.length === 2));
    const kinds = new Set(crowd.map(({ payment }) => payment?.kind));
    assert.deepEqual(kinds, new Set([undefined, "pays", "gives-up", "pays-late"]));
  });

  it("does not wait for holds to expire when that would take longer than the crowd", () => {
    const short = Array.from({ length: 2_000 }, (_, index) => buyerAt({ buyers: 2_000, seconds: 5, seed: 7 }, index));
    assert(short.every(({ payment }) => payment?.kind !== "pays-late"));
    assert(crowd.every(({ payment, startsAtMs }) => payment?.kind !== "pays-late" || startsAtMs < 25_000));
  });
});
