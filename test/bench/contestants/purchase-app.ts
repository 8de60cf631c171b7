// The gateway's purchase route (schemas, validation, serialised answer, request id) around a contestant's own function
// that decides a purchase, so that contestants differ only in that function.
import { randomUUID } from "node:crypto";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { Order, Purchase, PurchaseQuery } from "@onsale/contracts/order";
import { presentOrder } from "@onsale/contracts/present-order";
import { Ref } from "@onsale/contracts/text";
import { basePath } from "@onsale/contracts/values";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { parseIdempotencyKey } from "@onsale/domain/idempotency";
import { registerValidation } from "@onsale/gateway/http/validation";
import { reportReady, stopRequested } from "@onsale/service/supervision";
import { fastify } from "fastify";
import { Type } from "typebox";

/** The result of a purchase: an order, or a refusal that is answered with 409. */
export type Outcome = Readonly<
  { kind: "order"; order: OrderRow } | { kind: "refused"; code: "sold-out" | "conflict" | "not-found" }
>;

/** What a plain order does not have. */
export const plainOrder = {
  terms: null,
  items: null,
  shortage: null,
  paymentReference: null,
  expiresAt: null,
} as const;

export type DecidePurchase = (purchase: Purchase, key: string) => Promise<Outcome>;

const Refusal = Type.Object({ code: Type.String() });

/** Serves purchases on a free port until the process is asked to stop. */
export async function servePurchases(decide: DecidePurchase): Promise<void> {
  const stop = stopRequested();
  const app = fastify({ logger: false, keepAliveTimeout: 72_000, forceCloseConnections: true });
  const requestIdBase = randomUUID().slice(0, 8);
  let requestCount = 0;
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("x-request-id", `${requestIdBase}-${++requestCount}`);
    done();
  });
  registerValidation(app);
  const response = { 200: Ref(Order), 202: Ref(Order), 400: Refusal, 409: Refusal };
  const schema = { querystring: PurchaseQuery, body: Ref(Purchase), response };
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  typed.post(`${basePath}/orders/purchase`, { schema }, async (request, reply) => {
    const header = request.headers["idempotency-key"];
    const key = parseIdempotencyKey(typeof header === "string" ? header : undefined);
    if (!key.ok) return reply.code(400).send({ code: key.problem });
    const outcome = await decide(request.body, key.key);
    if (outcome.kind === "refused") return reply.code(409).send({ code: outcome.code });
    const isPending = outcome.order.status === "PENDING";
    const body = presentOrder(outcome.order, isPending ? { queue: { ahead: 0, estimatedSeconds: 0.1 } } : {});
    if (isPending) reply.header("retry-after", "1");
    return reply
      .code(isPending ? 202 : 200)
      .header("location", body.links.self)
      .send(body);
  });
  reportReady(await app.listen({ host: "127.0.0.1", port: 0 }));
  await stop;
  await app.close();
}
