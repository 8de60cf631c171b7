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
 * Buys tickets once per idempotency key.
 *
 * @param keyHeader the header `Idempotency-Key` as it was sent
 * @returns the order, once it is committed
 * @throws ProblemError with the reason why nothing was recorded
 */
export type BuyTickets = (
  accountId: number,
  body: Purchase,
  strategy: Strategy,
  keyHeader: string | undefined,
) => Promise<Readonly<{ order: OrderRow; isReplayed: boolean }>>;

/** Takes a valid body through the idempotency rules and the catalogue to the intake. */
export function createPurchase({ catalogue, soldOut, orderReader, intake, metrics }: PurchaseParts): BuyTickets {
  const keys = metrics.counter("idempotency_requests_total");
  const rejected = metrics.counter("admission_rejected_total");

  /** A purchase whose key is being recorded is not refused: both requests get the order that comes of it. */
  function isRefused(request: PurchaseRequest): boolean {
    return soldOut.has(request.eventId, request.ticketType) && !intake.isUnderWay(request);
  }

  /** Answers as the intake would, but records nothing new while the ticket type is sold out. */
  async function answerKnown(request: PurchaseRequest): Promise<IntakeAnswer> {
    const { fingerprint: given, ticketType } = request;
    const order = await orderReader.findByKey(request);
    if (order !== undefined) return order.fingerprint === given ? { kind: "replayed", order } : { kind: "reused" };
    // Tickets may have come back while the key was looked for.
    if (!isRefused(request)) return intake.submit(request);
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
    const answer = await (isRefused(request) ? answerKnown(request) : intake.submit(request));
    keys.inc({ result: answer.kind === "accepted" ? "new" : answer.kind });
    if (answer.kind === "reused") {
      throw new ProblemError("idempotency-key-reused", "This key came with another purchase before. Use a new key.");
    }
    return { order: answer.order, isReplayed: answer.kind === "replayed" };
  };
}

const keyProblemDetails = {
  "idempotency-key-missing": "Send an Idempotency-Key header, a new one for each purchase.",
  "idempotency-key-invalid":
    "An Idempotency-Key is sent once, and is 1 to 255 visible ASCII characters, bare or in quotes.",
} as const;
