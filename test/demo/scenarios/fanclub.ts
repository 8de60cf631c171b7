// The fan club buys first, with access codes; then the sale opens for all. Nobody gets more than four tickets, however
// many orders they place. Both ticket types are seats of one hall.
import { customerRefOf } from "../gateway.ts";
import { exact } from "../report.ts";
import { checkCustomers, checkPools } from "./checks.ts";
import {
  type Bought,
  buy,
  expectCode,
  type Facts,
  pick,
  randomOfPerson,
  type Scenario,
  type Stage,
} from "./scenario.ts";

const maxPerCustomer = 4;
/** When the sale opens for all. */
const opensAt = 0.4;
const fanShare = 0.3;
const codesMax = 1_000;
/** People who guess a code; the API lets nobody guess more than a few. */
const guessCount = 5;

export const fanclub: Scenario = {
  title: "the fan club buys first, then the sale opens for all",
  // The first order, a second one, and that of a friend with the same code.
  slotsPerPerson: 3,
  eventOf: ({ buyers, seconds }, nowMs) => {
    const seats = Math.max(4, Math.round(buyers * 0.9));
    const pools = ["HALL"];
    const salesStart = new Date(nowMs + opensAt * seconds * 1_000).toISOString();
    return {
      maxPerCustomer,
      pools: [{ name: "HALL", total: seats }],
      ticketTypes: [
        { ticketType: "FANCLUB", total: Math.ceil(seats / 3), pools, visibility: "code" },
        { ticketType: "STANDARD", total: seats, pools, salesStart },
      ],
    };
  },
  prepare: async (stage) => {
    const { gateway, eventCode } = stage.sale;
    const fanCount = Math.max(1, Math.round(stage.plan.buyers * fanShare));
    const codes: string[] = [];
    while (codes.length < fanCount) {
      const count = Math.min(codesMax, fanCount - codes.length);
      const made = await gateway.createAccessCodes(eventCode, { count, ticketTypes: ["FANCLUB"], maxUses: 1 });
      codes.push(...made.map(({ code }) => code));
    }
    return { person: (index) => playPerson(stage, index, codes[index]) };
  },
  phaseOf: (moment, isOver) => {
    if (isOver && moment > 1) return "the last buyers end";
    return moment < opensAt ? "the presale of the fan club" : "the sale for all";
  },
  check: (stage, facts) => {
    const { ledger } = stage.sale;
    checkPools(ledger, facts);
    checkCustomers(ledger, facts.orders, maxPerCustomer);
    checkWindow(stage, facts);
    checkCodes(stage, facts);
  },
  tell: (countOf) => [
    `${exact(countOf("fans bought"))} fans bought with their code, ${exact(countOf("fans came too late"))} found ` +
      "nothing left.",
    `${exact(countOf("friends"))} gave their code to a friend, who was refused: a code is good for one order.`,
    `${exact(countOf("no code"))} asked for fan tickets without a code, and ${exact(countOf("guesses"))} guessed one.`,
    `${exact(countOf("too early"))} came before the sale opened, were told when it does, and came again.`,
    `${exact(countOf("general"))} orders were confirmed after that, and ${exact(countOf("limited"))} refused, because ` +
      `a customer may have ${maxPerCustomer} tickets.`,
  ],
  praise: "Nobody bought before their time, without a code, or more than they may.",
};

async function playPerson(stage: Stage, index: number, code: string | undefined): Promise<void> {
  const { plan, untilMoment } = stage;
  const random = randomOfPerson(stage, index);
  if (code !== undefined) await playFan(stage, index, code, random);
  else if (random() < 0.3) await playIntruder(stage, index, random);
  if (code !== undefined && random() < 0.5) return;
  // Some come before the sale opens, most of them just after, and the others later.
  const isEarly = random() < 0.2;
  const since = random() ** 2;
  await untilMoment(isEarly ? opensAt * (0.3 + 0.6 * random()) : opensAt + since * (0.95 - opensAt));
  const orderCount = random() < 0.4 ? 2 : 1;
  // A fan has used the first slot.
  const slots = code === undefined ? [index, plan.buyers + index] : [plan.buyers + index];
  for (const slot of slots.slice(0, orderCount)) await buyStandard(stage, index, slot, pick([1, 2, 2, 3, 4], random()));
}

async function playFan(stage: Stage, index: number, accessCode: string, random: () => number): Promise<void> {
  const { plan, untilMoment } = stage;
  await untilMoment(opensAt * 0.9 * random());
  const fan = { ticketType: "FANCLUB", quantity: pick([1, 1, 2], random()), accessCode };
  const bought = await buy(stage, index, { ...fan, customerRef: customerRefOf(index) });
  expectCode(stage, bought, "a fan's purchase", "CONFIRMED", "REJECTED", "sold-out");
  if (!isConfirmed(bought)) return stage.count("fans came too late");
  stage.count("fans bought");
  if (random() >= 0.2) return;
  const friend = { ...fan, quantity: 1, customerRef: customerRefOf(plan.buyers + index) };
  const refused = await buy(stage, 2 * plan.buyers + index, friend);
  expectCode(stage, refused, "a second order with a code", "REJECTED", "sold-out");
  if (refused.kind === "order" && refused.order.reason?.code === "access-code-used-up") stage.count("friends");
}

/** Asks for fan tickets without a code, or with one that does not exist. */
async function playIntruder(stage: Stage, index: number, random: () => number): Promise<void> {
  await stage.untilMoment(opensAt * random());
  const fan = { ticketType: "FANCLUB", quantity: 1, customerRef: customerRefOf(index) };
  const fanCount = Math.round(stage.plan.buyers * fanShare);
  // The purchases that are refused record nothing, so that the slot's key is still new.
  if (index < fanCount + guessCount) {
    expectCode(
      stage,
      await buy(stage, index, { ...fan, accessCode: `GUESS-${index}` }),
      "a guess",
      "access-code-not-found",
    );
    return stage.count("guesses");
  }
  expectCode(stage, await buy(stage, index, fan), "a fan ticket without a code", "ticket-type-not-found");
  stage.count("no code");
}

async function buyStandard(stage: Stage, index: number, slot: number, quantity: number): Promise<void> {
  const { sale, count } = stage;
  const body = { ticketType: "STANDARD", quantity, customerRef: customerRefOf(index) };
  let bought = await buy(stage, slot, body);
  while (bought.kind === "problem" && bought.problem.code === "sale-not-open") {
    count("too early");
    const opens = Date.parse(bought.problem.opensAt ?? "");
    // Not all of them in the same millisecond.
    await sale.pause(Math.max(0, opens - Date.now()) + 50 + 300 * Math.random());
    bought = await buy(stage, slot, body);
  }
  expectCode(stage, bought, "a purchase", "CONFIRMED", "REJECTED", "sold-out");
  if (isConfirmed(bought)) count("general");
  else if (bought.kind === "problem") sale.ledger.counts.turnedAway++;
  else if (bought.order.reason?.code === "customer-limit") count("limited");
}

function isConfirmed(bought: Bought): boolean {
  return bought.kind === "order" && bought.order.status === "CONFIRMED";
}

function checkWindow({ sale }: Stage, { event, orders }: Facts): void {
  const salesStart = event.ticketTypes.find(({ ticketType }) => ticketType === "STANDARD")?.salesStart;
  for (const { id, ticketType, createdAt } of orders) {
    if (ticketType !== "STANDARD" || Date.parse(createdAt) >= Date.parse(salesStart ?? "")) continue;
    sale.ledger.noteFault("tickets were sold before the sale opened", `${id} at ${createdAt}`);
  }
}

/** A code is good for one order: the fan's or the friend's. */
function checkCodes({ sale, plan }: Stage, { orders }: Facts): void {
  const { ledger } = sale;
  const owners = new Map<string, number>();
  for (let index = 0; index < plan.buyers; index++) {
    for (const slot of [index, 2 * plan.buyers + index]) {
      const id = ledger.idOf(slot);
      if (id !== undefined) owners.set(id, index);
    }
  }
  const fanOrders = orders.filter(({ ticketType, status }) => ticketType === "FANCLUB" && status === "CONFIRMED");
  for (const [owner, own] of Map.groupBy(fanOrders, ({ id }) => owners.get(id))) {
    const ids = own.map(({ id }) => id).join(", ");
    if (owner === undefined) ledger.noteFault("fan tickets were sold without a code", ids);
    else if (own.length > 1) ledger.noteFault("a code was used more often than it may be", ids);
  }
}
