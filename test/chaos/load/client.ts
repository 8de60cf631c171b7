// Sends requests to two gateways, records them, and repeats them as a shop does.
import { setTimeout as delay } from "node:timers/promises";
import type { Order, Purchase } from "@onsale/contracts/order";
import { type Answer, createGateway, type Gateway, type RequestOptions } from "../../demo/gateway.ts";
import { atEnd } from "../../support/cleanup.ts";
import type { Ask, History } from "../history.ts";

export type ChaosClient = Readonly<{
  purchase: (key: string, body: Purchase, options?: Patience) => Promise<Answer | undefined>;
  read: (order: Order, waitSeconds?: number) => Promise<Answer | undefined>;
  confirm: (order: Order, reference: string) => Promise<Answer | undefined>;
  cancel: (order: Order, key: string, items?: Order["items"]) => Promise<Answer | undefined>;
  extend: (order: Order, key: string) => Promise<Answer | undefined>;
  gateways: readonly [Gateway, Gateway];
}>;

type Patience = Readonly<{ waitSeconds?: number; patienceMs?: number }>;

const answerWithinMs = 6_000;
/** Who has no answer by then gives up, and never learns what became of the request. */
const patienceUsualMs = 15_000;
const pauseMinMs = 50;
const pauseMaxMs = 1_500;
const extendSeconds = 60;
/** Problems that may end by themselves, but that tell the buyer what they came for. */
const answers: readonly string[] = ["sold-out", "sale-not-open", "sale-paused"];

/**
 * @param random chooses the gateway of each attempt
 * @param patienceMsUsual how long a request without an answer is repeated
 */
export function createChaosClient(
  urls: readonly [string, string],
  history: History,
  random: () => number,
  patienceMsUsual = patienceUsualMs,
): ChaosClient {
  const gateways = [createGateway(urls[0], undefined), createGateway(urls[1], undefined)] as const;
  atEnd(() => Promise.all(gateways.map(({ close }) => close())));
  const pick = () => (random() < 0.5 ? gateways[0] : gateways[1]);

  async function until(
    ask: Ask,
    send: (gateway: Gateway, options: RequestOptions) => Promise<Answer>,
    { waitSeconds, patienceMs = patienceMsUsual }: Patience = {},
  ): Promise<Answer | undefined> {
    const endsAt = performance.now() + patienceMs;
    const withinMs = answerWithinMs + 1_000 * (waitSeconds ?? 0);
    for (let attempt = 0; ; attempt++) {
      const signal = AbortSignal.timeout(withinMs);
      const options = { signal, ...(waitSeconds === undefined ? {} : { waitSeconds }) };
      const answer = await history.record(ask, () => send(pick(), options));
      if (answer !== undefined && isFinal(answer)) return answer;
      const pauseMs = Math.min(pauseMaxMs, pauseMinMs * 2 ** attempt) * (0.5 + random());
      if (performance.now() + pauseMs > endsAt) return undefined;
      await delay(pauseMs);
    }
  }

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

function isFinal(answer: Answer): boolean {
  if (answer.kind !== "problem") return true;
  const { code, retryable, status } = answer.problem;
  return answers.includes(code) || (!retryable && status < 500 && status !== 429);
}
