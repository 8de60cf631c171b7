import { EventCode } from "@onsale/contracts/text";
import type { OrderRow } from "@onsale/database/statements/order-row";
import { isDecided } from "@onsale/domain/order-status";
import { presentOrder } from "@onsale/domain/present-order";
import { Type } from "typebox";
import { requireCatalogueEvent } from "../catalogue.ts";
import type { App, Parts } from "../parts.ts";
import { ProblemError } from "../problem-error.ts";
import { requireOrder } from "../require-order.ts";
import { type EventStream, lastEventId, openEventStream } from "../sse.ts";
import { problems } from "./responses.ts";

const stream = (description: string, example: string) => ({
  description,
  content: { "text/event-stream": { schema: Type.String({ examples: [example] }) } },
});

const lastEventIdHeader = Type.Object({
  "last-event-id": Type.Optional(Type.String({ description: "The id of the last message that you have." })),
});

export function registerStreamRoutes(app: App, parts: Parts): void {
  const { catalogue, waiters, saleStreams, streamKeys, room, queueEstimates } = parts;
  const rejected = parts.metrics.counter("admission_rejected_total");

  function enterRoom(accountId: number): () => void {
    const leave = room.enter(accountId);
    if (leave !== undefined) return leave;
    rejected.inc({ reason: "too-many-streams" });
    throw new ProblemError("overloaded", "More clients are listening than can be served. Poll instead.");
  }

  async function sendOrder(target: EventStream, order: OrderRow): Promise<void> {
    const queue = isDecided(order.status) ? undefined : await queueEstimates.estimate(order);
    target.send({ id: order.version, event: "order", data: JSON.stringify(presentOrder(order, queue)) });
  }

  const orderSchema = {
    tags: ["orders"],
    summary: "Follow an order until it is decided",
    description:
      "Server-Sent Events: each message is an `order` as JSON, its id the order's version. The stream ends with the decision; a client that connects again and has seen it is answered 204, which ends an EventSource.",
    params: Type.Object({ id: Type.String({ description: "The order's id." }) }),
    headers: lastEventIdHeader,
    response: {
      200: stream("The order, now and when it changes.", 'id: 2\nevent: order\ndata: {"status":"CONFIRMED", ...}\n\n'),
      204: { type: "null", description: "You have seen the decision." },
      ...problems("order-not-found", "overloaded"),
    },
  };
  const orderOptions = { config: { scope: "orders:read" }, exposeHeadRoute: false } as const;
  app.get("/orders/:id/stream", { ...orderOptions, schema: orderSchema }, async (request, reply) => {
    const order = await requireOrder(parts, request.accountId, request.params.id);
    const seenVersion = lastEventId(request);
    if (isDecided(order.status) && seenVersion >= order.version) return reply.code(204).send();
    const leave = enterRoom(request.accountId);
    const target = openEventStream(request, reply);
    streamKeys.follow(request, target);
    try {
      if (seenVersion < order.version) await sendOrder(target, order);
      const decided = await waiters.wait(order, null, target.ended);
      if (decided.version > order.version) await sendOrder(target, decided);
    } finally {
      target.end();
      leave();
    }
    return reply;
  });

  const saleSchema = {
    tags: ["events"],
    summary: "Watch an event's sale",
    description:
      "Server-Sent Events: each message is the `sale` as it stands, as JSON (schema `Sale`): the last state first, then at most four a second. It goes on until you leave.",
    params: Type.Object({ code: EventCode }),
    response: {
      200: stream("The sale, now and when it changes.", 'id: 7\nevent: sale\ndata: {"pending":0, ...}\n\n'),
      ...problems("validation-failed", "event-not-found", "overloaded"),
    },
  };
  const saleOptions = { config: { scope: "any" }, exposeHeadRoute: false } as const;
  app.get("/events/:code/stream", { ...saleOptions, schema: saleSchema }, async (request, reply) => {
    const event = await requireCatalogueEvent(catalogue, request.accountId, request.params.code);
    const leave = enterRoom(request.accountId);
    const target = openEventStream(request, reply);
    streamKeys.follow(request, target);
    target.onEnd(leave);
    saleStreams.watch(event, target);
    return reply;
  });
}
