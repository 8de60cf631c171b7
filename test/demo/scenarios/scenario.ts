// A scenario is a sale with rules: an event, what people do in it, and what must be true at the end. Everybody is
// played from the seed; each has several purchases at most, and each purchase has a slot of its own in the ledger.
import type { Audit } from "@onsale/contracts/audit";
import type { Event } from "@onsale/contracts/event";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Change, Order } from "@onsale/contracts/order";
import type { Static } from "typebox";
import type { Sale } from "../buyer.ts";
import { type CrowdPlan, randomOf } from "../crowd.ts";
import type { Answer } from "../gateway.ts";
import { untilAnswered } from "../until-answered.ts";
import type { PhaseOf } from "../view.ts";

export type ChangeOfEvent = Static<typeof Change>;

/** What a scenario's people act on. */
export type Stage = Readonly<{
  sale: Sale;
  plan: CrowdPlan;
  /** Resolves when this share of the sale's time has passed. */
  untilMoment: (moment: number) => Promise<void>;
  /** Counts something that happened, for the report. */
  count: (what: string) => void;
}>;

/** What was read at the end. */
export type Facts = Readonly<{
  event: Event;
  inventory: readonly Inventory[];
  orders: readonly Order[];
  /** The transitions of all orders, in the order that the event's changes have. */
  changes: readonly ChangeOfEvent[];
  audit: Audit;
}>;

/** How often something happened, by its name. */
export type CountOf = (what: string) => number;

export type Play = Readonly<{
  /** Plays one person to the end. */
  person: (index: number) => Promise<void>;
  /** Runs beside the people, until they have ended. */
  beside?: (ended: AbortSignal) => Promise<void>;
}>;

export type Scenario = Readonly<{
  title: string;
  /** Purchases of one person at most. */
  slotsPerPerson: number;
  /** The event without its code and its times. */
  eventOf: (plan: CrowdPlan, nowMs: number) => object;
  /** Prepares what people need besides the event. */
  prepare: (stage: Stage) => Promise<Play>;
  phaseOf: PhaseOf;
  /** Notes each violated rule in the ledger. */
  check: (stage: Stage, facts: Facts) => void;
  /** What happened, as lines of the report. */
  tell: (countOf: CountOf, facts: Facts | undefined) => string[];
  /** What the checks have shown when they found nothing wrong. */
  praise: string;
}>;

/** The pseudo-random numbers of a person; another `salt` for decisions that must not depend on earlier ones. */
export function randomOfPerson({ plan }: Stage, index: number, salt = 0): () => number {
  return randomOf(plan.seed + 7_919 * salt, index);
}

export function pick<T>(values: readonly T[], share: number): T {
  const value = values[Math.min(values.length - 1, Math.floor(share * values.length))];
  if (value === undefined) throw new RangeError("nothing to pick from");
  return value;
}

const requestMaxMs = 60_000;
const waitSeconds = 20;

/** An order with its first decision, or the refusal. */
export type Bought = Exclude<Answer, { kind: "unchanged" }>;

/**
 * Purchases under the slot's key, and waits for the first decision.
 *
 * @throws an error when there is no answer in time
 */
export async function buy({ sale }: Stage, slot: number, body: object): Promise<Bought> {
  const { gateway, ledger, eventCode } = sale;
  const endsAt = performance.now() + requestMaxMs;
  const sentAt = performance.now();
  const purchase = () => gateway.purchase(`${eventCode}-${slot}`, { eventCode, ...body }, {});
  let answer = await untilAnswered(sale, endsAt, purchase);
  if (answer.kind === "order") ledger.acceptLatency.record((performance.now() - sentAt) * 1_000);
  let version = 0;
  for (;;) {
    if (answer.kind === "problem") return answer;
    if (answer.kind === "order") {
      ({ version } = answer.order);
      ledger.noteOrder(slot, answer.order);
      if (answer.order.status !== "PENDING") {
        ledger.learnedLatency.record((performance.now() - sentAt) * 1_000);
        return answer;
      }
    }
    if (performance.now() > endsAt) throw new Error(`the order of slot ${slot} was not decided in time`);
    const order = { id: ledger.idOf(slot) ?? "", version };
    answer = await untilAnswered(sale, endsAt, () => gateway.getOrder(order, { waitSeconds }));
  }
}

/** Confirms or cancels an order, or reads it again; notes the answer. */
export async function change(
  { sale }: Stage,
  slot: number,
  request: (gateway: Sale["gateway"]) => Promise<Answer>,
): Promise<Answer> {
  const answer = await untilAnswered(sale, performance.now() + requestMaxMs, () => request(sale.gateway));
  if (answer.kind === "order") sale.ledger.noteOrder(slot, answer.order);
  return answer;
}

/** Notes an answer that the rules do not allow. */
export function expectCode({ sale }: Stage, answer: Bought, what: string, ...codes: readonly string[]): void {
  const got = answer.kind === "order" ? answer.order.status : answer.problem.code;
  if (!codes.includes(got)) sale.ledger.noteFault(`${what} was answered ${got}`, `expected ${codes.join(" or ")}`);
}
