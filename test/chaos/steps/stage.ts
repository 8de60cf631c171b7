// What a scene has to play with: a client that repeats lost requests, and an event of its own.
import { strict as assert } from "node:assert";
import type { Order, Purchase } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import type { Answer, Gateway } from "../../demo/gateway.ts";
import { until } from "../../support/until.ts";
import { createHistory, type History } from "../history.ts";
import { endHold } from "../load/buyer.ts";
import { type ChaosClient, createChaosClient } from "../load/client.ts";
import type { SmallInstallation } from "./small-installation.ts";

export type Stage = Readonly<{
  db: Db;
  eventCode: string;
  history: History;
  client: ChaosClient;
  gateway: Gateway;
  failPosts: SmallInstallation["failPosts"];
  /** The fault may happen from now on. */
  arm: () => Promise<void>;
  /** Buys; `name` tells the purchases of an event apart. */
  buy: (name: string, body?: Partial<Purchase>) => Promise<Order>;
  /** Waits until an order is in a state. */
  becomes: (order: Order, status: Order["status"]) => Promise<Order>;
  /** Buys a hold and lets it end at once. */
  buyExpired: (name: string) => Promise<Order>;
}>;

const waitSeconds = 5;
/** A process starts again in a second, and in many on a busy machine. */
const patienceMs = 60_000;
const answerWithinMs = 60_000;
const always = (value: number) => () => value;

export function createStage(installation: SmallInstallation, eventCode: string, arm: Stage["arm"]): Stage {
  const { db, api, failPosts } = installation;
  const history = createHistory();
  const client = createChaosClient([api.baseUrl, api.baseUrl], history, always(0), patienceMs);

  const becomes = (order: Order, status: Order["status"]) =>
    until(
      `the order is ${status}`,
      async () => {
        const answer = await client.read({ ...order, version: 0 });
        return answer?.kind === "order" && answer.order.status === status ? answer.order : null;
      },
      answerWithinMs,
    );

  async function buy(name: string, body: Partial<Purchase> = {}): Promise<Order> {
    const usual = body.items === undefined ? { ticketType: "STANDARD", quantity: 1 } : {};
    const purchase = { eventCode, customerRef: name, ...usual, ...body };
    const { order } = orderOf(await client.purchase(`${eventCode}-${name}`, purchase, { waitSeconds }));
    if (order.status !== "PENDING") return order;
    // The process that would have told the decision may have died.
    return until(
      "the order is decided",
      async () => {
        const answer = await client.read({ ...order, version: 0 }, waitSeconds);
        return answer?.kind === "order" && answer.order.status !== "PENDING" ? answer.order : null;
      },
      answerWithinMs,
    );
  }

  return {
    db,
    eventCode,
    history,
    client,
    gateway: client.gateways[0],
    failPosts,
    arm,
    buy,
    becomes,
    buyExpired: async (name) => {
      const held = await buy(name, { hold: true });
      await endHold(db, held.id);
      return becomes(held, "EXPIRED");
    },
  };
}

/** Fails when the client got no order for an answer, however often it asked. */
export function orderOf(answer: Answer | undefined): Answer & { kind: "order" } {
  assert(answer?.kind === "order", answer === undefined ? "never answered" : JSON.stringify(answer));
  return answer;
}
