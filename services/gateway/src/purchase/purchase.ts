// One purchase, from its idempotency key to its order: checks the key, finds the event and the ticket type, refuses
// what the rules of the sale forbid, what is known to be sold out or what the queue has no room for, and submits the
// rest to the intake.
import type { Purchase, Strategy } from "@onsale/contracts/order";
import { capabilities } from "@onsale/database/statements/operations/lowest-capability";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import type { FoundCode } from "@onsale/database/statements/rules/access-codes";
import { countTickets } from "@onsale/domain/decide";
import { type Demand, readDemand } from "@onsale/domain/demand";
import { fingerprint, parseIdempotencyKey } from "@onsale/domain/idempotency";
import type { Metrics } from "@onsale/observability/metrics";
import type { HashCustomer } from "@onsale/security/customer-hash";
import { type Catalogue, type CatalogueEvent, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import type { OrderReader } from "../catalogue/order-reader.ts";
import { ProblemError } from "../http/problem-error.ts";
import { validationProblem } from "../http/validation.ts";
import { type FindAccessCode, keyMissingProblem } from "./access-codes.ts";
import type { Capability } from "./capability.ts";
import { createHopes, type HopeParts } from "./hopes.ts";
import type { Intake } from "./intake.ts";
import type { IntakeAnswer, PurchaseRequest } from "./recorder.ts";
import { type EstimatedTime, findRefusal, windowOf } from "./sale-rules.ts";
import { pricesOf, termsOf } from "./terms.ts";

type PurchaseParts = HopeParts &
  Readonly<{
    catalogue: Catalogue;
    orderReader: Pick<OrderReader, "findByKey">;
    intake: Intake;
    capability: Pick<Capability, "isComplete" | "require">;
    clock: EstimatedTime;
    findAccessCode: FindAccessCode;
    /** Gives an event what the lane needs for a waiting list. */
    makeRuled: (event: CatalogueEvent, accountId: number) => Promise<void>;
    /** Undefined without CUSTOMER_KEY. */
    hashCustomer: HashCustomer | undefined;
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

/** Records a purchase, or answers why not; an order that has its key already is the answer in any case. */
type AnswerPurchase = (
  request: PurchaseRequest,
  event: CatalogueEvent,
  demand: Demand,
  code: FoundCode | undefined,
) => Promise<IntakeAnswer>;

function createAnswering(parts: PurchaseParts): AnswerPurchase {
  const { soldOut, orderReader, intake, backlog, capability, clock, makeRuled, hashCustomer, metrics } = parts;
  const rejected = metrics.counter("admission_rejected_total");
  const { isHopeless, problemOf } = createHopes({ soldOut, backlog, intake });

  function refuse(problem: ProblemError): never {
    rejected.inc({ reason: problem.code });
    throw problem;
  }

  /** Whether an older process cannot decide or read such an order. */
  const needsUpgrade = (demand: Demand) => !capability.isComplete(neededCapability(demand));

  /** The answer of the order that has the request's key; undefined when no order has it. */
  async function replay(request: PurchaseRequest): Promise<IntakeAnswer | undefined> {
    const order = await orderReader.findByKey(request);
    if (order === undefined) return undefined;
    return order.fingerprint === request.fingerprint ? { kind: "replayed", order } : { kind: "reused" };
  }

  /** Answers a purchase that the rules forbid. One with its key that is pending here was allowed, and is awaited. */
  async function replayOrThrow(request: PurchaseRequest, refusal: ProblemError): Promise<IntakeAnswer> {
    await intake.untilAnswered(request);
    return (await replay(request)) ?? refuse(refusal);
  }

  /** The lane needs more of an event for its first waiting order. */
  function submit(request: PurchaseRequest, event: CatalogueEvent, demand: Demand): Promise<IntakeAnswer> {
    if (!demand.waitlist || event.isRuled) return intake.submit(request);
    return makeRuled(event, request.accountId).then(() => intake.submit(request));
  }

  /** Answers as the intake would, but records no new order while it cannot be sold or decided. */
  async function replayOrRefuse(
    request: PurchaseRequest,
    event: CatalogueEvent,
    demand: Demand,
  ): Promise<IntakeAnswer> {
    const replayed = await replay(request);
    if (replayed !== undefined) return replayed;
    if (needsUpgrade(demand)) capability.require(neededCapability(demand));
    // Tickets may have been returned during the query, and orders decided.
    if (isHopeless(request, demand)) refuse(problemOf(request.eventId, demand));
    return submit(request, event, demand);
  }

  return (request, event, demand, code) => {
    // Access codes are hashed under the same key as customers.
    const isCodeUnreadable = demand.accessCode !== null && hashCustomer === undefined;
    const refusal = isCodeUnreadable ? keyMissingProblem() : findRefusal(event, demand, request.window, clock, code);
    if (refusal !== undefined) return replayOrThrow(request, refusal);
    const mayBeRefused = needsUpgrade(demand) || isHopeless(request, demand);
    return mayBeRefused ? replayOrRefuse(request, event, demand) : submit(request, event, demand);
  };
}

/** What every process must be able to do, for the order to be decided and read as it was meant. */
function neededCapability({ holdSeconds, lines, waitlist, accessCode }: Demand): number {
  if (waitlist || accessCode !== null) return capabilities.rules;
  return holdSeconds !== null || lines.length > 1 ? capabilities.orderLife : capabilities.plain;
}

export function createPurchase(parts: PurchaseParts): BuyTickets {
  const { catalogue, findAccessCode, hashCustomer, metrics } = parts;
  const keys = metrics.counter("idempotency_requests_total");
  const answerOf = createAnswering(parts);

  return async (accountId, body, strategy, keyHeader) => {
    const idempotencyKey = requireKey(keyHeader, () => keys.inc({ result: "invalid" }));
    const read = readDemand(body);
    if ("faults" in read) throw validationProblem(read.faults);
    const { demand } = read;
    const event = await requireCatalogueEvent(catalogue, accountId, demand.eventCode);
    const prices = pricesOf(event, demand);
    const { accessCode } = demand;
    const canFind = accessCode !== null && hashCustomer !== undefined;
    const code = canFind ? await findAccessCode(event.id, accessCode) : undefined;
    const terms = termsOf(event, demand, { prices, codeId: code?.id ?? null, hashCustomer });
    const [only] = demand.lines;
    const request = {
      accountId,
      eventId: event.id,
      eventCode: demand.eventCode,
      ticketType: demand.lines.length === 1 ? (only?.ticketType ?? null) : null,
      quantity: countTickets(demand.lines),
      terms,
      strategy,
      customerRef: demand.customerRef,
      idempotencyKey,
      fingerprint: fingerprint(demand, strategy),
      window: windowOf(event, demand),
    };
    const answer = await answerOf(request, event, demand, code);
    keys.inc({ result: answer.kind === "accepted" ? "new" : answer.kind });
    if (answer.kind === "reused") {
      throw new ProblemError("idempotency-key-reused", "This key was sent with another purchase. Use a new key.");
    }
    return { order: answer.order, isReplayed: answer.kind === "replayed" };
  };
}

/** @throws ProblemError when there is no valid key */
function requireKey(header: string | undefined, onInvalid: () => void): string {
  const parsed = parseIdempotencyKey(header);
  if (parsed.ok) return parsed.key;
  onInvalid();
  throw new ProblemError(parsed.problem, keyProblemDetails[parsed.problem]);
}

const keyProblemDetails = {
  "idempotency-key-missing": "Send an Idempotency-Key header, a new key for each purchase.",
  "idempotency-key-invalid": "Send one Idempotency-Key: 1 to 255 visible ASCII characters, bare or in quotes.",
} as const;
