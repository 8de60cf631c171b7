import { Order, Purchase, PurchaseQuery } from "@onsale/contracts/order";
import { presentOrder } from "@onsale/contracts/present-order";
import { Ref } from "@onsale/contracts/text";
import { hasDecision } from "@onsale/domain/order-status";
import { Type } from "typebox";
import type { App } from "../http/app-type.ts";
import { parsePreferWait } from "../http/headers.ts";
import { clientGone } from "../http/http-server.ts";
import { header, preferHeader, problems, retryAfterHeader, waitGrantedHeader } from "../http/responses.ts";
import type { BuyTickets } from "../purchase/purchase.ts";
import type { QueueEstimates } from "../results/queue-estimates.ts";
import type { WaitSlots } from "../results/wait-slots.ts";
import type { Waiters } from "../results/waiters.ts";

/** What may be missing all the same is answered with a problem of its own. */
const purchaseHeaders = Type.Unsafe<{ "idempotency-key"?: string; prefer?: string }>(
  Type.Object({
    "idempotency-key": Type.String({
      description: "1 to 255 visible ASCII characters, bare or in quotes; a new one for each purchase.",
      examples: ["order-4711"],
    }),
    prefer: preferHeader,
  }),
);

const decisionHeaders = {
  location: header("Where the order is."),
  "idempotent-replayed": header("`true` when the key had been used by this same request before."),
  "preference-applied": waitGrantedHeader,
};

export type PurchaseRouteParts = Readonly<{
  purchase: BuyTickets;
  waiters: Waiters;
  waitSlots: WaitSlots;
  queueEstimates: QueueEstimates;
}>;

export function registerPurchaseRoute(app: App, parts: PurchaseRouteParts): void {
  const { purchase, waiters, waitSlots, queueEstimates } = parts;
  const purchaseSchema = {
    tags: ["orders"],
    summary: "Buy tickets",
    description:
      "A business no is a decided order (`REJECTED` with its `reason`), not an HTTP error; but once a ticket type is known to be sold out, new purchases of it are refused with 409 and not recorded.",
    headers: purchaseHeaders,
    querystring: PurchaseQuery,
    body: Ref(Purchase),
    response: {
      200: { ...Ref(Order), description: "The order is decided.", headers: decisionHeaders },
      202: {
        ...Ref(Order),
        description: "The order is recorded for good and will be decided.",
        headers: { ...decisionHeaders, "retry-after": retryAfterHeader },
      },
      ...problems(
        "malformed-json",
        "validation-failed",
        "idempotency-key-missing",
        "idempotency-key-invalid",
        "event-not-found",
        "ticket-type-not-found",
        "payload-too-large",
        "unsupported-media-type",
        "sold-out",
        "idempotency-key-reused",
        "overloaded",
      ),
    },
  };
  app.post(
    "/orders/purchase",
    { schema: purchaseSchema, config: { scope: "orders:write" } },
    async (request, reply) => {
      const { "idempotency-key": key, prefer } = request.headers;
      const strategy = request.query.strategy ?? "optimistic";
      const { order, isReplayed } = await purchase(request.accountId, request.body, strategy, key);
      const waitSeconds = parsePreferWait(prefer);
      const releaseSlot = waitSeconds === null ? undefined : waitSlots.take(request.accountId);
      const isGranted = waitSeconds !== null && releaseSlot !== undefined;
      const wait = () => waiters.wait(order, (waitSeconds ?? 0) * 1_000, clientGone(reply)).finally(releaseSlot);
      const current = isGranted ? await wait() : order;
      if (isReplayed) reply.header("idempotent-replayed", "true");
      if (isGranted) reply.header("preference-applied", `wait=${waitSeconds}`);
      const isPending = !hasDecision(current.status);
      if (isPending) reply.header("retry-after", "1");
      const body = presentOrder(current, isPending ? queueEstimates.guess(current) : undefined);
      return reply
        .code(isPending ? 202 : 200)
        .header("location", body.links.self)
        .send(body);
    },
  );
}
