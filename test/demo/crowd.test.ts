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

  it("comes in the order of its numbers, within the time", () => {
    const times = crowd.map(({ arrivesAtMs }) => arrivesAtMs);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert((times[0] ?? -1) >= 0 && (times.at(-1) ?? 0) <= plan.seconds * 1_000);
  });

  it("is calm before the sale, rushes in when it begins, and has a tail", () => {
    const perSecond = (from: number, to: number) =>
      crowd.filter(({ arrivesAtMs }) => arrivesAtMs >= from * 1_000 && arrivesAtMs < to * 1_000).length / (to - from);
    const begins = calmShare * plan.seconds;
    const [calm, rush, tail] = [perSecond(0, begins), perSecond(begins + 1, begins + 4), perSecond(50, 60)];
    assert(rush > 10 * calm && rush > 10 * tail && calm > 0 && tail > 0, `${calm}, ${rush}, ${tail}`);
    assert(rush > 1_500 && rush < 3_000, `${rush} a second at the rush`);
  });

  it("asks for more of most types than there is", () => {
    const asked = (type: string) =>
      crowd.filter(({ ticketType }) => ticketType === type).reduce((sum, { quantity }) => sum + quantity, 0);
    for (const { ticketType, total } of stockFor(plan.buyers)) {
      assert.equal(
        asked(ticketType) > total,
        ticketType !== "BALCONY",
        `${ticketType}: ${asked(ticketType)} of ${total}`,
      );
    }
  });

  it("has every kind of buyer in it", () => {
    assert.deepEqual(new Set(crowd.map(({ style }) => style)), new Set(["wait", "poll", "stream", "leave"]));
    assert(crowd.some(({ vanishes }) => vanishes !== undefined));
    assert(crowd.some(({ clicksAgainAfterMs }) => clicksAgainAfterMs.length === 2));
  });
});
