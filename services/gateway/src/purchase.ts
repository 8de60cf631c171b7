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

  /** What the intake would answer, but that nothing new is recorded. */
  async function answerKnown({
    accountId,
    idempotencyKey,
    fingerprint: given,
    ticketType,
  }: PurchaseRequest): Promise<IntakeAnswer> {
    const order = await orderReader.findByKey({ accountId, idempotencyKey });
    if (order !== undefined) return order.fingerprint === given ? { kind: "replayed", order } : { kind: "reused" };
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
    const isSoldOut = soldOut.has(event.id, ticketType);
    const answer = await (isSoldOut ? answerKnown(request) : intake.submit(request));
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
