import { Order, Purchase, PurchaseQuery } from "@onsale/contracts/order";
import { Ref } from "@onsale/contracts/text";
import { isDecided } from "@onsale/domain/order-status";
import { presentOrder } from "@onsale/domain/present-order";
import { Type } from "typebox";
import { clientGone } from "../client-gone.ts";
import type { App, Parts } from "../parts.ts";
import { parsePreferWait } from "../prefer.ts";
import { createPurchase } from "../purchase.ts";
import { header, preferHeader, problems, retryAfterHeader, waitGrantedHeader } from "./responses.ts";

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

export function registerPurchaseRoute(app: App, parts: Parts): void {
  const { waiters, room, queueEstimates } = parts;
  const purchase = createPurchase(parts);

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
        ...(["malformed-json", "validation-failed", "idempotency-key-missing", "idempotency-key-invalid"] as const),
        ...(["event-not-found", "ticket-type-not-found", "payload-too-large", "unsupported-media-type"] as const),
        ...(["sold-out", "idempotency-key-reused", "overloaded"] as const),
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
      const leave = waitSeconds === null ? undefined : room.enter(request.accountId);
      const isGranted = waitSeconds !== null && leave !== undefined;
      const wait = () => waiters.wait(order, (waitSeconds ?? 0) * 1_000, clientGone(reply)).finally(leave);
      const current = isGranted ? await wait() : order;
      if (isReplayed) reply.header("idempotent-replayed", "true");
      if (isGranted) reply.header("preference-applied", `wait=${waitSeconds}`);
      const isPending = !isDecided(current.status);
      if (isPending) reply.header("retry-after", "1");
      const body = presentOrder(current, isPending ? queueEstimates.guess(current) : undefined);
      return reply
        .code(isPending ? 202 : 200)
        .header("location", body.links.self)
        .send(body);
    },
  );
}
