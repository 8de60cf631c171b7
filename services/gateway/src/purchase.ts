import type { Purchase, Strategy } from "@onsale/contracts/order";
import type { OrderRow } from "@onsale/database/statements/order-row";
import { fingerprint, parseIdempotencyKey } from "@onsale/domain/idempotency";
import { requireCatalogueEvent } from "./catalogue.ts";
import type { Parts } from "./parts.ts";
import { ProblemError } from "./problem-error.ts";
import type { IntakeAnswer, PurchaseRequest } from "./recorder.ts";

type PurchaseParts = Pick<Parts, "catalogue" | "soldOut" | "orderReader" | "intake" | "metrics">;

/** Takes a valid body through the idempotency rules and the catalogue to the intake. */
export function createPurchase({ catalogue, soldOut, orderReader, intake, metrics }: PurchaseParts) {
  const keys = metrics.counter("idempotency_requests_total");
  const rejected = metrics.counter("admission_rejected_total");

  /** A purchase that is on its way already is not refused: it will be an order, and both get that. */
  function isRefused(request: PurchaseRequest): boolean {
    return soldOut.has(request.eventId, request.ticketType) && !intake.isUnderWay(request);
  }

  /** What the intake would answer, but that nothing new is recorded while nothing is left. */
  async function answerKnown(request: PurchaseRequest): Promise<IntakeAnswer> {
    const { fingerprint: given, ticketType } = request;
    const order = await orderReader.findByKey(request);
    if (order !== undefined) return order.fingerprint === given ? { kind: "replayed", order } : { kind: "reused" };
    // Tickets may have come back while the key was looked for.
    if (!isRefused(request)) return intake.submit(request);
    rejected.inc({ reason: "sold-out" });
    throw new ProblemError("sold-out", `No ${ticketType} tickets are left.`);
  }

  /**
   * @returns the order, once it is committed
   * @throws ProblemError with the reason why nothing was recorded
   */
  return async function purchase(
    accountId: number,
    body: Purchase,
    strategy: Strategy,
    keyHeader: string | undefined,
  ): Promise<Readonly<{ order: OrderRow; isReplayed: boolean }>> {
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
      ...{ accountId, eventId: event.id, eventCode, ticketType, quantity, strategy, customerRef },
      ...{ idempotencyKey: parsed.key, fingerprint: fingerprint(body, strategy) },
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
