// Sends requests to two gateways, and records them.
import type { Order, Purchase } from "@onsale/contracts/order";
import { type Answer, createGateway, type Gateway } from "../../demo/gateway.ts";
import { atEnd } from "../../support/cleanup.ts";
import type { History } from "../history.ts";
import { createSending, type Patience } from "./ask.ts";

export type Gateways = readonly [Gateway, Gateway];

export type ChaosClient = Readonly<{
  purchase: (key: string, body: Purchase, options?: Patience) => Promise<Answer | undefined>;
  read: (order: Order, waitSeconds?: number) => Promise<Answer | undefined>;
  confirm: (order: Order, reference: string) => Promise<Answer | undefined>;
  cancel: (order: Order, key: string, items?: Order["items"]) => Promise<Answer | undefined>;
  extend: (order: Order, key: string) => Promise<Answer | undefined>;
  gateways: Gateways;
}>;

/** Who has no answer by then gives up, and never learns what became of the request. */
const patienceMs = 15_000;
const extendSeconds = 60;

/** A client of each gateway; they are closed as cleanup.ts says. */
export function createGateways(urls: readonly [string, string]): Gateways {
  const gateways = [createGateway(urls[0], undefined), createGateway(urls[1], undefined)] as const;
  atEnd(() => Promise.all(gateways.map(({ close }) => close())));
  return gateways;
}

/**
 * @param random chooses the gateway of each attempt
 * @param patienceUsualMs how long a request without an answer is repeated
 */
export function createChaosClient(
  urls: readonly [string, string],
  history: History,
  random: () => number,
  patienceUsualMs = patienceMs,
): ChaosClient {
  const gateways = createGateways(urls);
  const pick = () => (random() < 0.5 ? gateways[0] : gateways[1]);
  const until = createSending({ history, pick, random, patienceUsualMs });
  return {
    gateways,
    purchase: (key, body, patience) =>
      until({ kind: "purchase", key, body }, (gateway, options) => gateway.purchase(key, body, options), patience),
    read: (order, waitSeconds) =>
      until(
        { kind: "read", orderId: order.id },
        (gateway, options) => gateway.getOrder(order, options),
        waitSeconds === undefined ? {} : { waitSeconds },
      ),
    confirm: (order, reference) =>
      until({ kind: "confirm", orderId: order.id, reference }, (gateway, options) =>
        gateway.confirm(order, reference, options),
      ),
    cancel: (order, key, items) =>
      until({ kind: "cancel", orderId: order.id, key, items }, (gateway, options) =>
        gateway.cancel(order, items, key, options),
      ),
    extend: (order, key) =>
      until({ kind: "extend", orderId: order.id, key }, (gateway, options) =>
        gateway.extend(order, extendSeconds, key, options),
      ),
  };
}
