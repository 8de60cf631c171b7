// The sale is sold out at once, and everybody who comes later waits. What comes back from holds that expire and from
// orders that are cancelled is offered to the first in line; an offer that nobody confirms goes to the next.
import type { Order } from "@onsale/contracts/order";
import { holdSeconds } from "../crowd.ts";
import { customerRefOf } from "../gateway.ts";
import { exact } from "../report.ts";
import { checkLine, checkPools } from "./checks.ts";
import { type Bought, buy, change, expectCode, pick, randomOfPerson, type Scenario, type Stage } from "./scenario.ts";

/** When the first have come, so that everything is sold or held; then tickets come back until the end. */
const arrivalsEnd = 0.3;
const comesBackEnd = 0.85;
const stockShare = 0.35;
const pollMs = 100;

/** Called when an order leaves the waiting list. */
type Waiters = Map<string, () => void>;

export const waitlist: Scenario = {
  title: "sold out, and what comes back is offered to those who wait",
  slotsPerPerson: 1,
  eventOf: ({ buyers }) => ({
    waitlistPolicy: "strict",
    offerSeconds: holdSeconds,
    ticketTypes: [{ ticketType: "STANDARD", total: Math.max(1, Math.round(buyers * stockShare)) }],
  }),
  prepare: async (stage) => {
    const waiters: Waiters = new Map();
    return {
      person: (index) => playPerson(stage, index, waiters),
      beside: (ended) => followChanges(stage, waiters, ended),
    };
  },
  phaseOf: (moment, isOver) => {
    if (isOver && moment > 1) return "the last offers";
    return moment < arrivalsEnd ? "the rush" : "tickets come back";
  },
  check: ({ sale: { ledger } }, facts) => {
    checkPools(ledger, facts);
    checkLine(ledger, facts.changes);
    const first = facts.changes.find(({ to }) => to === "WAITING");
    if (first === undefined) ledger.noteFault("nobody had to wait", facts.event.code);
  },
  tell: (countOf, facts) => {
    const changes = facts?.changes ?? [];
    const count = (from: string, to: string) =>
      exact(changes.filter((row) => row.from === from && row.to === to).length);
    const isWaiting = facts?.orders.filter(({ status }) => status === "WAITING").length ?? 0;
    return [
      `${exact(countOf("bought at once"))} orders were confirmed at once, ${exact(countOf("held at once"))} held their ` +
        "tickets first.",
      `${exact(countOf("waited"))} orders had to wait, and ${count("WAITING", "HELD")} of them were offered tickets, ` +
        "the first in line first.",
      `${exact(countOf("offer confirmed"))} offers were confirmed, ${exact(countOf("offer refused"))} given back, and ` +
        `${exact(countOf("offer ignored"))} left to lapse.`,
      `${count("HELD", "EXPIRED")} holds and offers expired, and ${count("CONFIRMED", "CANCELLED")} orders were cancelled.`,
      `${exact(countOf("left the list"))} left the waiting list, and ${exact(isWaiting)} still wait.`,
      `${exact(countOf("newcomers"))} came later without wanting to wait, and were refused.`,
    ];
  },
  praise: "Every offer went to the first in line, and nothing was oversold.",
};

async function playPerson(stage: Stage, index: number, waiters: Waiters): Promise<void> {
  const random = randomOfPerson(stage, index);
  const isNewcomer = random() < 0.1;
  const arrival = random() ** 2;
  await stage.untilMoment(isNewcomer ? arrivalsEnd + random() * (comesBackEnd - arrivalsEnd) : arrival * arrivalsEnd);
  const body = {
    ticketType: "STANDARD",
    quantity: pick([1, 1, 2, 2, 3, 4], random()),
    customerRef: customerRefOf(index),
    ...(random() < 0.5 ? { holdSeconds } : {}),
    ...(isNewcomer ? {} : { waitlist: true }),
  };
  const bought = await buy(stage, index, body);
  const codes = isNewcomer ? ["REJECTED", "sold-out"] : ["WAITING"];
  expectCode(stage, bought, "a purchase", "CONFIRMED", "HELD", ...codes);
  if (bought.kind === "problem" || bought.order.status === "REJECTED") return stage.count("newcomers");
  const { order } = bought;
  if (order.status === "WAITING") return wait(stage, index, order, waiters, random);
  stage.count(order.status === "HELD" ? "held at once" : "bought at once");
  if (order.status === "HELD") return pay(stage, index, order, random);
  if (random() < 0.4) await cancelLater(stage, index, order, random);
}

/** Pays in time, or forgets the tickets, so that the hold expires. */
async function pay(stage: Stage, index: number, order: Order, random: () => number): Promise<void> {
  await stage.sale.pause(200 + 1_000 * random());
  if (random() < 0.4) return;
  const answer = await change(stage, index, (gateway) => gateway.confirm(order, `demo-payment-${index}`, {}));
  expectAnswer(stage, answer, "a payment", "CONFIRMED");
}

async function cancelLater(stage: Stage, index: number, order: Order, random: () => number): Promise<void> {
  await stage.untilMoment(arrivalsEnd + random() * (comesBackEnd - arrivalsEnd));
  const answer = await change(stage, index, (gateway) => gateway.cancel(order));
  expectAnswer(stage, answer, "a cancellation", "CANCELLED");
}

/** Waits for an offer until the sale's time is over, or leaves the list before. */
async function wait(stage: Stage, index: number, order: Order, waiters: Waiters, random: () => number): Promise<void> {
  stage.count("waited");
  const offered = new Promise<"offered">((resolve) => waiters.set(order.id, () => resolve("offered")));
  const isImpatient = random() < 0.1;
  const leavesAt = isImpatient ? arrivalsEnd + random() * (comesBackEnd - arrivalsEnd) : 1;
  const what = await Promise.race([offered, stage.untilMoment(leavesAt).then(() => "no longer" as const)]);
  if (what === "offered") return answerOffer(stage, index, order, random());
  if (!isImpatient) return;
  // An offer may have been made at the same moment: then it is given back.
  const answer = await change(stage, index, (gateway) => gateway.cancel(order));
  expectAnswer(stage, answer, "leaving the waiting list", "CANCELLED");
  stage.count("left the list");
}

async function answerOffer(stage: Stage, index: number, order: Order, share: number): Promise<void> {
  const held = await change(stage, index, (gateway) => gateway.getOrder({ id: order.id, version: order.version }, {}));
  expectAnswer(stage, held, "an offer", "HELD");
  if (share > 0.8) return stage.count("offer ignored");
  const isConfirmed = share < 0.6;
  const answer = await change(stage, index, (gateway) =>
    isConfirmed ? gateway.confirm(order, `demo-payment-${index}`, {}) : gateway.cancel(order),
  );
  expectAnswer(stage, answer, "the answer to an offer", isConfirmed ? "CONFIRMED" : "CANCELLED");
  stage.count(isConfirmed ? "offer confirmed" : "offer refused");
}

function expectAnswer(stage: Stage, answer: Bought | { kind: "unchanged" }, what: string, status: string): void {
  if (answer.kind === "unchanged") stage.sale.ledger.noteFault(`${what} changed nothing`, `expected ${status}`);
  else expectCode(stage, answer, what, status);
}

/** Tells those who wait of their offers: one reader for all of them. */
async function followChanges({ sale }: Stage, waiters: Waiters, ended: AbortSignal): Promise<void> {
  const { gateway, eventCode, ledger } = sale;
  for (let cursor: string | null = null; !ended.aborted; ) {
    try {
      const { content, nextCursor }: Awaited<ReturnType<typeof gateway.changes>> = await gateway.changes(
        eventCode,
        cursor,
      );
      for (const { orderId, from } of content) if (from === "WAITING") waiters.get(orderId)?.();
      cursor = nextCursor;
      if (content.length === 0) await sale.pause(pollMs);
    } catch {
      if (sale.stop.aborted) return;
      ledger.counts.retried++;
      await sale.pause(pollMs);
    }
  }
}
