// Adults and children share the hall and the fire limit; babies sit on a lap, and count for the fire limit only. A
// basket is bought whole or not at all.
import { buyerAt } from "../crowd.ts";
import { customerRefOf } from "../gateway.ts";
import { exact } from "../report.ts";
import { checkPools, checkWholeBaskets } from "./checks.ts";
import { type Bought, buy, change, expectCode, pick, randomOfPerson, type Scenario, type Stage } from "./scenario.ts";

const maxPerOrder = 6;
/** Tickets that a family wants, on average; the hall has fewer. */
const seatsPerFamily = 1.9;
const fireShare = 1.1;

type Line = Readonly<{ ticketType: string; quantity: number }>;

export const family: Scenario = {
  title: "adults and children share the hall and the fire limit",
  slotsPerPerson: 2,
  eventOf: ({ buyers }) => {
    const seats = Math.max(6, Math.round(buyers * seatsPerFamily));
    const pools = ["HALL", "FIRE"];
    return {
      maxPerOrder,
      pools: [
        { name: "HALL", total: seats },
        { name: "FIRE", total: Math.round(seats * fireShare) },
      ],
      ticketTypes: [
        { ticketType: "ADULT", total: seats, pools },
        { ticketType: "CHILD", total: seats, pools },
        { ticketType: "BABY", total: seats, pools: ["FIRE"] },
      ],
    };
  },
  prepare: async (stage) => ({ person: (index) => playFamily(stage, index) }),
  phaseOf: (moment, isOver) => (isOver ? "the last families end" : moment < 0.2 ? "calm" : "families come"),
  check: ({ sale }, facts) => {
    checkPools(sale.ledger, facts);
    checkWholeBaskets(sale.ledger, facts.orders);
    for (const { id, requestedItems } of facts.orders) {
      const count = requestedItems.reduce((sum, { quantity }) => sum + quantity, 0);
      if (count > maxPerOrder) sale.ledger.noteFault("an order is larger than maxPerOrder", `${id}: ${count}`);
    }
  },
  tell: (countOf) => [
    `${exact(countOf("got all"))} baskets were bought whole, ${exact(countOf("got none"))} not at all.`,
    `${exact(countOf("short of hall"))} were refused because the hall was full, ${exact(countOf("short of fire"))} ` +
      "because of the fire limit.",
    `${exact(countOf("too large"))} groups wanted more than ${maxPerOrder} tickets, were refused, and ordered in halves.`,
    `${exact(countOf("gave one back"))} families gave one ticket back.`,
  ],
  praise: "No pool was overdrawn, no basket was split, and every order kept the limit.",
};

async function playFamily(stage: Stage, index: number): Promise<void> {
  const random = randomOfPerson(stage, index);
  await stage.untilMoment(buyerAt(stage.plan, index).startsAtMs / (stage.plan.seconds * 1_000));
  if (random() < 0.05) return playGroup(stage, index);
  const items = lines(pick([1, 1, 2, 2], random()), pick([0, 1, 1, 2, 3], random()), random() < 0.3 ? 1 : 0);
  const bought = await order(stage, index, index, items);
  if (random() < 0.08) await giveOneBack(stage, index, bought);
}

/** Four adults and four children: too many for one order. */
async function playGroup(stage: Stage, index: number): Promise<void> {
  const refused = await buy(stage, index, { items: lines(4, 4, 0), customerRef: customerRefOf(index) });
  expectCode(stage, refused, "a group of 8", "order-limit", "sold-out");
  if (refused.kind === "problem" && refused.problem.code === "sold-out") return stage.count("got none");
  stage.count("too large");
  // Nothing was recorded, so that the same key may be used for an order that is small enough.
  for (const slot of [index, stage.plan.buyers + index]) await order(stage, index, slot, lines(2, 2, 0));
}

async function order(stage: Stage, index: number, slot: number, items: readonly Line[]): Promise<Bought> {
  const bought = await buy(stage, slot, { items, customerRef: customerRefOf(index) });
  expectCode(stage, bought, "a basket", "CONFIRMED", "REJECTED", "sold-out");
  const isBought = bought.kind === "order" && bought.order.status === "CONFIRMED";
  stage.count(isBought ? "got all" : "got none");
  if (bought.kind === "problem") stage.sale.ledger.counts.turnedAway++;
  else if (!isBought) {
    const short = bought.order.reason?.lines?.map(({ counter }) => counter) ?? [];
    if (short.includes("pool:HALL")) stage.count("short of hall");
    else if (short.includes("pool:FIRE")) stage.count("short of fire");
  }
  return bought;
}

async function giveOneBack(stage: Stage, slot: number, bought: Bought): Promise<void> {
  if (bought.kind !== "order" || bought.order.status !== "CONFIRMED") return;
  const { order } = bought;
  const [first] = order.items;
  if (first === undefined) return;
  const one = [{ ticketType: first.ticketType, quantity: 1 }];
  const answer = await change(stage, slot, (gateway) => gateway.cancel(order, one));
  if (answer.kind === "order") stage.count("gave one back");
}

function lines(adults: number, children: number, babies: number): Line[] {
  const all = [
    { ticketType: "ADULT", quantity: adults },
    { ticketType: "CHILD", quantity: children },
    { ticketType: "BABY", quantity: babies },
  ];
  return all.filter(({ quantity }) => quantity > 0);
}
