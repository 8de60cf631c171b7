// Somebody who changes sales while buyers come: other totals and limits, pauses, revoked codes, and the end of some
// events.
import { setTimeout as delay } from "node:timers/promises";
import { randomOf } from "../../demo/crowd.ts";
import { type Gateway, RefusedError } from "../../demo/gateway.ts";
import { until } from "../../support/until.ts";
import type { ChaosClient } from "./client.ts";
import type { SaleEvent } from "./sale-events.ts";

export type Operator = Readonly<{
  /** Changes that were answered, without cancellations. */
  changeCount: () => number;
  /** The events whose cancellation was answered. */
  cancelled: readonly string[];
  /** Resolves when the round is over and all events that have to be are cancelled. */
  done: Promise<unknown>;
}>;

type Gateways = ChaosClient["gateways"];

type OperatorOptions = Readonly<{
  gateways: Gateways;
  events: readonly SaleEvent[];
  seed: number;
  /** How long buyers come, unless `closing` is aborted before. */
  seconds: number;
  closing: AbortSignal;
}>;

const pauseMs = 700;
const pauseOfSaleMs = 500;
/** Faults can keep both gateways away for minutes where processes take long to start. */
const answeredWithinMs = 600_000;
/** Of the whole time, when an event is cancelled at the earliest and at the latest. */
const cancelShares = [0.3, 0.8] as const;

/** Begins to change sales. */
export function startOperator({ gateways, events, seed, seconds, closing }: OperatorOptions): Operator {
  let changes = 0;
  const cancelled: string[] = [];

  async function change(): Promise<void> {
    const random = randomOf(seed, -1);
    while (!closing.aborted) {
      await delay(pauseMs);
      const event = events[Math.floor(random() * events.length)];
      if (event === undefined) continue;
      await changeSale(gateways, event, random).then(
        () => changes++,
        // Refused, or lost in a fault.
        () => undefined,
      );
    }
  }

  async function cancel(): Promise<void> {
    const random = randomOf(seed, -6);
    const [earliest, latest] = cancelShares;
    const cancelAtEnd = async ({ code }: SaleEvent) => {
      const share = earliest + random() * (latest - earliest);
      await delay(1_000 * seconds * share, undefined, { signal: closing }).catch(() => undefined);
      await cancelSale(gateways, code);
      cancelled.push(code);
    };
    await Promise.all(events.filter(({ kind }) => kind.isCancelled).map(cancelAtEnd));
  }

  return { changeCount: () => changes, cancelled, done: Promise.all([change(), cancel()]) };
}

/**
 * Revokes a code or sets another limit, where there are such; else pauses the sale for a moment, or sets another total
 * of one of its ticket types.
 */
async function changeSale(gateways: Gateways, event: SaleEvent, random: () => number): Promise<void> {
  const { code, kind, accessCodes } = event;
  const gateway = random() < 0.5 ? gateways[0] : gateways[1];
  const revoked = accessCodes[1 + Math.floor(random() * (accessCodes.length - 1))];
  if (revoked !== undefined && random() < 0.2) return gateway.revokeAccessCode(code, revoked.id);
  const limit = kind.limits?.[Math.floor(random() * kind.limits.length)];
  if (limit !== undefined && random() < 0.4) return gateway.change(code, { maxPerCustomer: limit });
  const totals = Object.entries(kind.totals);
  const [ticketType, total] = totals[Math.floor(random() * totals.length)] ?? [];
  if (ticketType !== undefined && total !== undefined && random() < 0.7) {
    return gateway.change(code, { total: Math.ceil(total * (0.7 + random())) }, ticketType);
  }
  await gateway.change(code, { paused: true }).finally(() => resume(gateways, code));
}

/** A lost answer does not tell whether the event is cancelled, so that is asked for until it is answered. */
async function cancelSale(gateways: Gateways, code: string): Promise<void> {
  await insist("the event is cancelled", gateways, (gateway) => gateway.cancelEvent(code, "The hall is closed."));
}

/** A lost answer does not tell whether the sale is paused, so it is resumed in any case. */
async function resume(gateways: Gateways, code: string): Promise<void> {
  await delay(pauseOfSaleMs);
  await insist("the sale goes on", gateways, (gateway) => gateway.change(code, { paused: false }));
}

/** Asks one gateway after the other until one of them does it, or refuses: a cancelled event is not resumed. */
async function insist(what: string, gateways: Gateways, ask: (gateway: Gateway) => Promise<void>): Promise<void> {
  let attempt = 0;
  const once = async () => {
    await ask(gateways[attempt++ % 2 === 0 ? 0 : 1]).catch((error: unknown) => {
      const isRefused = error instanceof RefusedError && error.status < 500 && error.status !== 429;
      if (!isRefused) throw error;
    });
    return true;
  };
  await until(what, once, answeredWithinMs);
}
