// The route that buys tickets.
import { Order, Purchase, PurchaseQuery } from "@onsale/contracts/order";
import { presentOrder } from "@onsale/contracts/present-order";
import { Ref } from "@onsale/contracts/text";
import { hasDecision } from "@onsale/domain/order-status";
import { Type } from "typebox";
import type { GuessLimit } from "../access/guess-limit.ts";
import type { App } from "../http/app-type.ts";
import {
  bodyProblems,
  exampleKey,
  header,
  preferHeader,
  retryAfterHeader,
  routeProblems,
  waitGrantedHeader,
} from "../http/responses.ts";
import type { BuyTickets } from "../purchase/purchase.ts";
import { type LongPollParts, longPoll } from "../results/long-poll.ts";
import type { OrderPlaces } from "../results/order-places.ts";

/** The key is optional in the type: a purchase without one gets a problem of its own. */
const purchaseHeaders = Type.Unsafe<{ "idempotency-key"?: string; prefer?: string }>(
  Type.Object({
    "idempotency-key": Type.String({
      description: "1 to 255 visible ASCII characters, bare or in quotes; a new one for each purchase.",
      examples: [exampleKey],
    }),
    prefer: preferHeader,
  }),
);

const decisionHeaders = {
  location: header("The order's path."),
  "idempotent-replayed": header("`true` when the same purchase came with this key before."),
  "preference-applied": waitGrantedHeader,
};

export type PurchaseRouteParts = LongPollParts &
  Readonly<{ purchase: BuyTickets; orderPlaces: OrderPlaces; guesses: GuessLimit }>;

export function registerPurchaseRoute(app: App, parts: PurchaseRouteParts): void {
  const { purchase, orderPlaces, guesses } = parts;
  const purchaseSchema = {
    tags: ["orders"],
    operationId: "purchaseTickets",
    summary: "Buy tickets",
    description:
      "With `hold` the tickets are HELD until the order is confirmed, cancelled or expired; else it is CONFIRMED at " +
      "once. `items` asks for several ticket types. An order without enough stock is decided, too (`REJECTED`, with its `reason`); that is no HTTP error. Once " +
      "a ticket type is known to be sold out, new purchases of it are refused with 409 and not recorded.",
    headers: purchaseHeaders,
    querystring: PurchaseQuery,
    body: Ref(Purchase),
    response: {
      200: { ...Ref(Order), description: "The order is decided.", headers: decisionHeaders },
      202: {
        ...Ref(Order),
        description: "The order is recorded durably and will be decided.",
        headers: { ...decisionHeaders, "retry-after": retryAfterHeader },
      },
      ...routeProblems(
        ...bodyProblems,
        "idempotency-key-missing",
        "idempotency-key-invalid",
        "event-not-found",
        "ticket-type-not-found",
        "access-code-not-found",
        "customer-required",
        "customer-key-missing",
        "sold-out",
        "sale-not-open",
        "sale-closed",
        "sale-paused",
        "order-limit",
        "event-cancelled",
        "idempotency-key-reused",
        "upgrade-in-progress",
        "queue-full",
      ),
    },
  };
  app.post(
    "/orders/purchase",
    { schema: purchaseSchema, config: { scope: "orders:write", shedAt: 2 } },
    async (request, reply) => {
      const { "idempotency-key": key, prefer } = request.headers;
      const strategy = request.query.strategy ?? "optimistic";
      const { accountId, body: wish } = request;
      const buy = () => purchase(accountId, wish, strategy, key);
      const { accessCode } = wish;
      const { order, isReplayed } = await (accessCode === undefined ? buy() : guesses.limit(request, reply, buy));
      if (isReplayed) reply.header("idempotent-replayed", "true");
      const waiting = longPoll(parts, order, "decided", prefer, reply);
      const current = waiting === undefined ? order : await waiting;
      const isPending = !hasDecision(current.status);
      if (isPending) reply.header("retry-after", "1");
      const body = presentOrder(current, orderPlaces.guess(current) ?? (await orderPlaces.read(current)));
      reply.header("location", body.links.self);
      return reply.code(isPending ? 202 : 200).send(body);
    },
  );
}
