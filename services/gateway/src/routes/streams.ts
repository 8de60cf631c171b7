// Routes that stream: one order until its decision, and the sale of an event.
import { presentOrder } from "@onsale/contracts/present-order";
import { EventCode } from "@onsale/contracts/text";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { isFinal } from "@onsale/domain/order-status";
import type { Metrics } from "@onsale/observability/metrics";
import { Type } from "typebox";
import type { StreamKeys } from "../access/stream-keys.ts";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import { type OrderReader, requireOrder } from "../catalogue/order-reader.ts";
import type { App } from "../http/app-type.ts";
import { ProblemError } from "../http/problem-error.ts";
import { handleStreamError } from "../http/problems.ts";
import { problemResponses } from "../http/responses.ts";
import { type EventStream, lastEventId, openEventStream } from "../http/sse.ts";
import type { OrderPlaces } from "../results/order-places.ts";
import type { SaleStreams } from "../results/sale-streams.ts";
import type { WaitSlots } from "../results/wait-slots.ts";
import type { Waiters } from "../results/waiters.ts";

/** Faults of the request itself. A stream that cannot be served at the moment is not a problem: it ends at once. */
const clientProblems = ["bad-request", "uri-too-long"] as const;

const streamResponse = (description: string) => ({
  description,
  content: { "text/event-stream": { schema: Type.String() } },
});

const endedStreams =
  "While no wait slot is free, or a dependency is unavailable, the answer is a stream that ends at once, with a " +
  "random `retry` of 1 to 5 s: an EventSource connects again only after a 200.";

const lastEventIdHeader = Type.Object({
  "last-event-id": Type.Optional(
    Type.String({ description: "The id of the last message that you received.", examples: ["1"] }),
  ),
});

export type StreamRouteParts = Readonly<{
  catalogue: Catalogue;
  orderReader: OrderReader;
  waiters: Waiters;
  waitSlots: WaitSlots;
  orderPlaces: OrderPlaces;
  saleStreams: SaleStreams;
  streamKeys: StreamKeys;
  metrics: Metrics;
}>;

export function registerStreamRoutes(app: App, parts: StreamRouteParts): void {
  const takeSlot = createTakeSlot(parts);
  registerOrderStream(app, parts, takeSlot);
  registerSaleStream(app, parts, takeSlot);
}

/** Takes a wait slot for a stream of an account, and returns how to release it; throws the problem `overloaded`. */
type TakeSlot = (accountId: number) => () => void;

function createTakeSlot({ waitSlots, metrics }: StreamRouteParts): TakeSlot {
  const rejected = metrics.counter("admission_rejected_total");
  return (accountId) => {
    const releaseSlot = waitSlots.take(accountId, "stream");
    if (releaseSlot !== undefined) return releaseSlot;
    rejected.inc({ reason: "too-many-streams" });
    throw new ProblemError("overloaded", "All wait slots are taken. Poll instead.");
  };
}

function registerOrderStream(app: App, parts: StreamRouteParts, takeSlot: TakeSlot): void {
  const { orderReader, waiters, streamKeys, orderPlaces } = parts;

  async function sendOrder(target: EventStream, order: OrderRow): Promise<void> {
    const place = await orderPlaces.read(order);
    target.send({ id: order.version, event: "order", data: JSON.stringify(presentOrder(order, place)) });
  }

  const orderSchema = {
    tags: ["orders"],
    operationId: "watchOrder",
    summary: "Follow an order until it is confirmed, rejected, cancelled or expired",
    description:
      "Server-Sent Events: each message is an `order` as JSON, and its id the order's version. The stream ends with " +
      "that message. A client that connects again after it is answered 204, which ends an EventSource. " +
      endedStreams,
    params: Type.Object({ id: Type.String({ description: "The order's id." }) }),
    headers: lastEventIdHeader,
    response: {
      200: streamResponse("The order, now and when it changes."),
      204: { type: "null", description: "You have received the last message." },
      ...problemResponses("order-not-found", ...clientProblems),
    },
  };
  const orderOptions = {
    config: { scope: "orders:read" },
    exposeHeadRoute: false,
    errorHandler: handleStreamError,
  } as const;
  app.get("/orders/:id/stream", { ...orderOptions, schema: orderSchema }, async (request, reply) => {
    const order = await requireOrder(orderReader, request.accountId, request.params.id);
    const seenVersion = lastEventId(request);
    if (isFinal(order.status) && seenVersion >= order.version) return reply.code(204).send();
    const releaseSlot = takeSlot(request.accountId);
    const target = openEventStream(request, reply);
    streamKeys.follow(request, target);
    try {
      if (seenVersion < order.version) await sendOrder(target, order);
      for (let current = order; !isFinal(current.status); ) {
        const next = await waiters.wait(current, "changed", null, target.ended);
        if (next.version === current.version) break;
        await sendOrder(target, next);
        current = next;
      }
    } finally {
      target.end();
      releaseSlot();
    }
    return reply;
  });
}

function registerSaleStream(app: App, parts: StreamRouteParts, takeSlot: TakeSlot): void {
  const { catalogue, saleStreams, streamKeys } = parts;
  const saleSchema = {
    tags: ["events"],
    operationId: "watchSale",
    summary: "Watch an event's sale",
    description:
      "Server-Sent Events: each message is the state of the `sale` as JSON (schema `Sale`): the last state first, " +
      "then at most four a second. The stream does not end by itself. " +
      endedStreams,
    params: Type.Object({ code: EventCode }),
    response: {
      200: streamResponse("The sale, now and when it changes."),
      ...problemResponses("validation-failed", "event-not-found", ...clientProblems),
    },
  };
  const saleOptions = { config: { scope: "any" }, exposeHeadRoute: false, errorHandler: handleStreamError } as const;
  app.get("/events/:code/stream", { ...saleOptions, schema: saleSchema }, async (request, reply) => {
    const event = await requireCatalogueEvent(catalogue, request.accountId, request.params.code);
    const releaseSlot = takeSlot(request.accountId);
    const target = openEventStream(request, reply);
    streamKeys.follow(request, target);
    target.onEnd(releaseSlot);
    saleStreams.watch(event, target);
    return reply;
  });
}
