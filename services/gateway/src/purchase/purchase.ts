// One purchase, from its idempotency key to its order: checks the key, finds the event and the ticket type, refuses
// what is known to be sold out, and submits the rest to the intake.
import type { Purchase, Strategy } from "@onsale/contracts/order";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { fingerprint, parseIdempotencyKey } from "@onsale/domain/idempotency";
import type { Metrics } from "@onsale/observability/metrics";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import type { OrderReader } from "../catalogue/order-reader.ts";
import { ProblemError } from "../http/problem-error.ts";
import type { Intake } from "./intake.ts";
import type { IntakeAnswer, PurchaseRequest } from "./recorder.ts";
import type { SoldOut } from "./sold-out.ts";

type PurchaseParts = Readonly<{
  catalogue: Catalogue;
  soldOut: Pick<SoldOut, "has">;
  orderReader: Pick<OrderReader, "findByKey">;
  intake: Intake;
  metrics: Metrics;
}>;

/**
 * Buys tickets, once per idempotency key.
 *
 * @param keyHeader the header `Idempotency-Key` as it was sent
 * @returns the order, once it is committed
 * @throws ProblemError that says why nothing was recorded
 */
export type BuyTickets = (
  accountId: number,
  body: Purchase,
  strategy: Strategy,
  keyHeader: string | undefined,
) => Promise<Readonly<{ order: OrderRow; isReplayed: boolean }>>;

export function createPurchase({ catalogue, soldOut, orderReader, intake, metrics }: PurchaseParts): BuyTickets {
  const keys = metrics.counter("idempotency_requests_total");
  const rejected = metrics.counter("admission_rejected_total");

  /** False while another purchase with the same key is pending: both get the same order. */
  function isSoldOut(request: PurchaseRequest): boolean {
    return soldOut.has(request.eventId, request.ticketType) && !intake.isPending(request);
  }

  /** Answers as the intake would, but records no new order while the ticket type is sold out. */
  async function replayOrRefuse(request: PurchaseRequest): Promise<IntakeAnswer> {
    const { fingerprint: given, ticketType } = request;
    const order = await orderReader.findByKey(request);
    if (order !== undefined) return order.fingerprint === given ? { kind: "replayed", order } : { kind: "reused" };
    // Tickets may have been returned during the query.
    if (!isSoldOut(request)) return intake.submit(request);
    rejected.inc({ reason: "sold-out" });
    throw new ProblemError("sold-out", `No ${ticketType} tickets are left.`);
  }

  return async (accountId, body, strategy, keyHeader) => {
    const parsed = parseIdempotencyKey(keyHeader);
    if (!parsed.ok) {
      keys.inc({ result: "invalid" });
      throw new ProblemError(parsed.problem, keyProblemDetails[parsed.problem]);
    }
    const { eventCode, ticketType, quantity, customerRef = null } = body;
    const event = await requireCatalogueEvent(catalogue, accountId, eventCode);
    if (!event.ticketTypes.has(ticketType)) {
      throw new ProblemError("ticket-type-not-found", `The event ${eventCode} has no ticket type ${ticketType}.`);
    }
    const request = {
      accountId,
      eventId: event.id,
      eventCode,
      ticketType,
      quantity,
      strategy,
      customerRef,
      idempotencyKey: parsed.key,
      fingerprint: fingerprint(body, strategy),
    };
    const answer = await (isSoldOut(request) ? replayOrRefuse(request) : intake.submit(request));
    keys.inc({ result: answer.kind === "accepted" ? "new" : answer.kind });
    if (answer.kind === "reused") {
      throw new ProblemError("idempotency-key-reused", "This key was sent with another purchase. Use a new key.");
    }
    return { order: answer.order, isReplayed: answer.kind === "replayed" };
  };
}

const keyProblemDetails = {
  "idempotency-key-missing": "Send an Idempotency-Key header, a new key for each purchase.",
  "idempotency-key-invalid": "Send one Idempotency-Key: 1 to 255 visible ASCII characters, bare or in quotes.",
} as const;
