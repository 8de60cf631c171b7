// Routes of an order's life after its first decision: confirm, cancel, extend, and its history.
import { Cancellation, Confirmation, Extension, Order, Transition } from "@onsale/contracts/order";
import { presentOrder } from "@onsale/contracts/present-order";
import { Ref } from "@onsale/contracts/text";
import type { Db } from "@onsale/database/client";
import { capabilities } from "@onsale/database/statements/operations/lowest-capability";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { readHistory } from "@onsale/database/statements/transitions/read-history";
import { readLatePayments } from "@onsale/database/statements/transitions/read-late-payments";
import type { Wish } from "@onsale/database/transitions/plan";
import { isUuid } from "@onsale/database/uuid";
import { parseIdempotencyKey } from "@onsale/domain/idempotency";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { type OrderReader, requireOrder } from "../catalogue/order-reader.ts";
import type { App } from "../http/app-type.ts";
import { etagOf, matchesEtag, parsePreferWait } from "../http/headers.ts";
import { clientGone } from "../http/http-server.ts";
import { ProblemError } from "../http/problem-error.ts";
import { bodyProblems, exampleKey, header, preferHeader, retryAfterHeader, routeProblems } from "../http/responses.ts";
import type { Capability } from "../purchase/capability.ts";
import type { WaitSlots } from "../results/wait-slots.ts";
import { fingerprintOf } from "../transitions/fingerprint.ts";
import type { LatePaymentWaits } from "../transitions/late-payments.ts";
import { presentTransition } from "../transitions/present-transition.ts";
import type { TransitionAnswer, Transitions } from "../transitions/transitions.ts";

const tags = ["orders"];
const write = { scope: "orders:write" } as const;
const byId = Type.Object({ id: Type.String({ description: "The order's id." }) });
/** How long the answer to a late payment is held when the client does not say. */
const latePaymentWaitSeconds = 10;

const ifMatch = Type.Optional(
  Type.String({ description: "Only if the order still has this ETag, else 412.", examples: ['"2"'] }),
);
const idempotencyKey = Type.Optional(
  Type.String({
    description: "1 to 255 visible ASCII characters. A request with the same key changes nothing again.",
    examples: [exampleKey],
  }),
);

const orderAnswer = { ...Ref(Order), headers: { etag: header("The order's version.") } };

export type TransitionRouteParts = Readonly<{
  db: Db;
  orderReader: Pick<OrderReader, "read">;
  transitions: Pick<Transitions, "submit">;
  latePaymentWaits: LatePaymentWaits;
  waitSlots: WaitSlots;
  waitSecondsMax: number;
  capability: Pick<Capability, "require">;
}>;

export function registerTransitionRoutes(app: App, parts: TransitionRouteParts): void {
  registerConfirm(app, parts);
  registerCancel(app, parts);
  registerExtend(app, parts);
  registerHistory(app, parts);
}

type OrderRequest = Pick<FastifyRequest, "accountId" | "actor"> & { params: Readonly<{ id: string }> };
type Conditions = Readonly<{ ifMatch?: string | undefined; key?: string | undefined }>;

/** @throws ProblemError when the request changes nothing and cannot */
async function change(
  { transitions, capability }: TransitionRouteParts,
  { accountId, actor, params }: OrderRequest,
  wish: Wish,
  conditions: Conditions = {},
): Promise<TransitionAnswer> {
  capability.require(capabilities.orderLife);
  const orderId = params.id.toLowerCase();
  if (!isUuid(orderId)) throw new ProblemError("order-not-found", "No order has this id.");
  const { ifMatch } = conditions;
  const matches = (version: number) => ifMatch === undefined || matchesEtag(ifMatch, etagOf({ version }));
  const key = readKey(wish, conditions);
  const answer = await transitions.submit({ accountId, orderId, actor, wish, key, matches });
  const { outcome, order } = answer;
  switch (outcome.kind) {
    case "refused":
      throw new ProblemError(outcome.code, refusalDetails[outcome.code], {
        extra: { orderStatus: outcome.orderStatus },
      });
    case "version-mismatch":
      throw new ProblemError("version-mismatch", `The order has version ${outcome.version}. Read it again.`);
    case "key-reused":
      throw new ProblemError("idempotency-key-reused", "This key was sent with another request. Use a new key.");
    default:
      return { outcome, order };
  }
}

/** @throws ProblemError `idempotency-key-invalid` */
function readKey(wish: Wish, { key }: Conditions) {
  if (key === undefined) return null;
  const parsed = parseIdempotencyKey(key);
  if (!parsed.ok) {
    throw new ProblemError(parsed.problem, "Send 1 to 255 visible ASCII characters, bare or in quotes.");
  }
  return { idempotencyKey: parsed.key, fingerprint: fingerprintOf(wish) };
}

const refusalDetails = {
  "order-undecided": "The order has no decision yet. Wait for it, then try again.",
  "order-not-confirmable": "A rejected or cancelled order cannot be confirmed. Buy again, or refund the payment.",
  "order-not-cancellable": "A rejected or expired order has no tickets to give back.",
  "order-not-held": "Only the hold of a held order can be extended.",
  "hold-expired": "The hold has expired, and not all of its tickets are left. Refund the payment, if there was one.",
  "hold-extended-before": "A hold can be extended once. Confirm or cancel the order before it expires.",
  "already-confirmed": "Another payment has confirmed the order. Refund this one.",
  "items-exceed-order": "The request names more tickets than the order has.",
} as const;

function send(reply: FastifyReply, order: OrderRow) {
  return reply.header("etag", etagOf(order)).send(presentOrder(order));
}

function registerConfirm(app: App, parts: TransitionRouteParts): void {
  const schema = {
    tags,
    operationId: "confirmOrder",
    summary: "Confirm an order that was paid",
    description:
      "Makes a HELD order CONFIRMED. After the hold has expired, the payment gets its place in the line: when all " +
      "tickets are still there, the order is CONFIRMED, else `hold-expired` is final for this reference. While one " +
      "late payment has no decision, another reference is not recorded: `order-undecided`, so send it again. A " +
      "payment that has to be refunded is also told by the webhook `order.refund_required`.",
    params: byId,
    headers: Type.Object({ prefer: preferHeader }),
    body: Ref(Confirmation),
    response: {
      200: { ...orderAnswer, description: "The order is confirmed." },
      202: {
        ...Ref(Order),
        description: "The late payment is recorded and will be decided; the same request tells how.",
        headers: { "retry-after": retryAfterHeader },
      },
      ...routeProblems(
        ...bodyProblems,
        "order-not-found",
        "order-undecided",
        "order-not-confirmable",
        "hold-expired",
        "already-confirmed",
        "upgrade-in-progress",
      ),
    },
  };
  app.post("/orders/:id/confirm", { schema, config: { ...write, isBodyOptional: true } }, async (request, reply) => {
    const wish = { kind: "confirm", reference: request.body.paymentReference ?? null } as const;
    const asked = await change(parts, request, wish);
    const answer = isUndecided(asked) ? await settle(parts, request, wish, asked, reply) : asked;
    if (!isRecorded(answer)) {
      throw new ProblemError("order-undecided", notRecorded, { extra: { orderStatus: answer.order.status } });
    }
    if (isUndecided(answer)) return reply.code(202).header("retry-after", "1").send(presentOrder(answer.order));
    return send(reply, answer.order);
  });
}

/**
 * Waits until the lane has decided the late payment of a request, as long as the client wants to wait. An earlier late
 * payment of the order is waited for as well; after it, the request is tried once more.
 *
 * @throws ProblemError `hold-expired` when the payment is refused
 */
async function settle(
  parts: TransitionRouteParts,
  request: OrderRequest & Pick<FastifyRequest, "headers">,
  wish: Wish,
  asked: TransitionAnswer,
  reply: FastifyReply,
): Promise<TransitionAnswer> {
  const { db, latePaymentWaits, orderReader, waitSlots, waitSecondsMax } = parts;
  const seconds = parsePreferWait(request.headers.prefer, waitSecondsMax) ?? latePaymentWaitSeconds;
  const releaseSlot = waitSlots.take(request.accountId, "request");
  const gone = clientGone(reply);
  const deadlineMs = performance.now() + (releaseSlot === undefined ? 0 : seconds * 1_000);
  let answer = asked;
  try {
    for (;;) {
      const leftMs = deadlineMs - performance.now();
      if (!isUndecided(answer) || leftMs <= 0 || gone.aborted) return answer;
      const { order, outcome } = answer;
      await latePaymentWaits.wait(order.id, leftMs, gone);
      const payments = await readLatePayments(db, order.id);
      if (payments.some((payment) => payment.outcome === null)) continue;
      if (outcome.kind !== "late") answer = await change(parts, request, wish);
      else if (payments.find(({ seq }) => seq === outcome.seq)?.outcome === "confirmed") {
        return { outcome: { kind: "unchanged" }, order: await requireOrder(orderReader, request.accountId, order.id) };
      } else
        throw new ProblemError("hold-expired", refusalDetails["hold-expired"], { extra: { orderStatus: "EXPIRED" } });
    }
  } finally {
    releaseSlot?.();
  }
}

/** Whether a late payment is recorded that the lane has not decided. */
function isUndecided({ outcome }: TransitionAnswer): boolean {
  return outcome.kind === "late" || outcome.kind === "undecided-payment";
}

const notRecorded =
  "Another late payment of this order has no decision yet, and this one is not recorded. Send the same request again.";

/** False while an earlier late payment is undecided that has another reference than the request. */
function isRecorded({ outcome }: TransitionAnswer): boolean {
  return outcome.kind !== "undecided-payment" || outcome.isSame;
}

function registerCancel(app: App, parts: TransitionRouteParts): void {
  const schema = {
    tags,
    operationId: "cancelOrder",
    summary: "Cancel an order, or some of its tickets",
    description:
      "From HELD and CONFIRMED. The tickets are on sale again at once, and go to the first in line. Send an " +
      "Idempotency-Key with `items`, so that a retry does not cancel twice.",
    params: byId,
    headers: Type.Object({ "idempotency-key": idempotencyKey, "if-match": ifMatch }),
    body: Ref(Cancellation),
    response: {
      200: { ...orderAnswer, description: "The order after it." },
      ...routeProblems(
        ...bodyProblems,
        "idempotency-key-invalid",
        "order-not-found",
        "order-undecided",
        "order-not-cancellable",
        "items-exceed-order",
        "version-mismatch",
        "idempotency-key-reused",
        "upgrade-in-progress",
      ),
    },
  };
  app.post("/orders/:id/cancel", { schema, config: { ...write, isBodyOptional: true } }, async (request, reply) => {
    const { "idempotency-key": key, "if-match": ifMatch } = request.headers;
    const { items = null, reason = null } = request.body;
    const { order } = await change(parts, request, { kind: "cancel", items, reason }, { ifMatch, key });
    return send(reply, order);
  });
}

function registerExtend(app: App, parts: TransitionRouteParts): void {
  const schema = {
    tags,
    operationId: "extendHold",
    summary: "Let a hold expire later",
    description: "Once for each hold; `holdSeconds` counts from now on.",
    params: byId,
    headers: Type.Object({ "idempotency-key": idempotencyKey, "if-match": ifMatch }),
    body: Ref(Extension),
    response: {
      200: { ...orderAnswer, description: "The order with its new `expiresAt`." },
      ...routeProblems(
        ...bodyProblems,
        "idempotency-key-invalid",
        "order-not-found",
        "order-undecided",
        "order-not-held",
        "hold-expired",
        "hold-extended-before",
        "version-mismatch",
        "idempotency-key-reused",
        "upgrade-in-progress",
      ),
    },
  };
  app.post("/orders/:id/extend", { schema, config: write }, async (request, reply) => {
    const { "idempotency-key": key, "if-match": ifMatch } = request.headers;
    const wish = { kind: "extend", holdSeconds: request.body.holdSeconds } as const;
    const { order } = await change(parts, request, wish, { ifMatch, key });
    return send(reply, order);
  });
}

function registerHistory(app: App, { db, orderReader }: TransitionRouteParts): void {
  const schema = {
    tags,
    operationId: "getOrderHistory",
    summary: "Get the transitions of an order, the oldest first",
    params: byId,
    response: { 200: Type.Array(Ref(Transition)), ...routeProblems("order-not-found") },
  };
  app.get("/orders/:id/history", { schema, config: { scope: "orders:read" } }, async (request) => {
    const { id } = await requireOrder(orderReader, request.accountId, request.params.id);
    return (await readHistory(db, id)).map(presentTransition);
  });
}
