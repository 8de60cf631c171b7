// Decides what a group of requests does to the orders that it has locked; pure.
import type { Line } from "@onsale/domain/decide";
import {
  type Change,
  type ConfirmResult,
  cancel,
  confirm,
  extend,
  type OrderState,
  type Refusal,
} from "@onsale/domain/transitions";
import type { LockedOrder } from "../statements/transitions/lock-orders.ts";
import type { LatePaymentToRecord, RefundToRecord } from "../statements/transitions/record-payments.ts";
import type { TransitionToWrite } from "../statements/transitions/write-transitions.ts";

/** What a client asks for. */
export type Wish = Readonly<
  | { kind: "confirm"; reference: string | null }
  | { kind: "cancel"; items: readonly Line[] | null; reason: string | null }
  | { kind: "extend"; holdSeconds: number }
>;

export type TransitionRequest = Readonly<{
  accountId: number;
  orderId: string;
  /** Who asks, for the history. */
  actor: string;
  wish: Wish;
  /** Of a request with an idempotency key; `fingerprint` in hexadecimal. */
  key: Readonly<{ idempotencyKey: string; fingerprint: string }> | null;
  /** Whether the request is meant for this version of the order (If-Match). */
  matches: (version: number) => boolean;
}>;

/** What a request comes to. Only `changed` and `late` have written anything. */
export type Outcome = Readonly<
  | { kind: "changed"; transition: PlannedTransition }
  /** The order is already as the request asks, or the request came before with the same key. */
  | { kind: "unchanged" }
  | { kind: "refused"; code: Refusal["code"]; orderStatus: Refusal["orderStatus"] }
  | { kind: "not-found" }
  | { kind: "version-mismatch"; version: number }
  | { kind: "key-reused" }
  /** A late payment was recorded; `index` is its place among those of the group. */
  | { kind: "late"; index: number }
  /** An earlier late payment of the order has no decision yet. Unless `isSame`, this one is recorded nowhere. */
  | { kind: "undecided-payment"; isSame: boolean }
  /** Another request of the group changed the order; this one has to be tried in another group. */
  | { kind: "again" }
  /** Another transaction has locked the order; this request has to wait for it alone. */
  | { kind: "locked" }
>;

/** `decidedAtMs`: when the order got its first decision, in milliseconds since 1970. */
export type PlannedTransition = TransitionToWrite & Readonly<{ decidedAtMs: number | null }>;

export type Plan = Readonly<{
  /** One for each request, in the same order. */
  outcomes: readonly Outcome[];
  transitions: readonly PlannedTransition[];
  refunds: readonly RefundToRecord[];
  latePayments: readonly LatePaymentToRecord[];
}>;

/** An order while the requests of the group are applied to it one after the other. */
type Current = { readonly order: LockedOrder; state: OrderState; version: number; keys: Map<string, string> };

/** A row can be changed once in a transaction's statement, so of each order the first change of the group counts. */
export function planGroup(locked: readonly LockedOrder[], requests: readonly TransitionRequest[]): Plan {
  const currentById = new Map(locked.map((order) => [order.id, currentOf(order)]));
  const transitions: PlannedTransition[] = [];
  const refunds: RefundToRecord[] = [];
  const latePayments: LatePaymentToRecord[] = [];

  function apply(request: TransitionRequest, current: Current): Outcome {
    const { order } = current;
    const result = evaluate(request, current.state, order.nowMs);
    switch (result.kind) {
      case "change": {
        if (current.version !== order.version) return { kind: "again" };
        const transition = toTransition(request, current, result);
        transitions.push(transition);
        note(current, request, result);
        return { kind: "changed", transition };
      }
      case "refused":
        if ("refundReference" in result)
          refunds.push({ ...partiesOf(request, order), reference: result.refundReference });
        return { kind: "refused", code: result.code, orderStatus: result.orderStatus };
      case "late": {
        if (result.expiry !== null) {
          if (current.version !== order.version) return { kind: "again" };
          transitions.push({ ...toTransition(request, current, result.expiry), actor: "onsale", reason: null });
          note(current, request, result.expiry);
        }
        const reference = request.wish.kind === "confirm" ? request.wish.reference : null;
        latePayments.push({ ...partiesOf(request, order), reference });
        const payments = [...current.state.payments, { reference, outcome: null }];
        current.state = { ...current.state, payments };
        return { kind: "late", index: latePayments.length - 1 };
      }
      default:
        return result;
    }
  }

  const outcomes = requests.map((request): Outcome => {
    const current = currentById.get(request.orderId);
    if (current === undefined || current.order.accountId !== request.accountId) return { kind: "not-found" };
    if (!current.order.isLocked) return { kind: "locked" };
    const known = request.key === null ? undefined : current.keys.get(request.key.idempotencyKey);
    if (known !== undefined) return { kind: known === request.key?.fingerprint ? "unchanged" : "key-reused" };
    if (!request.matches(current.version)) return { kind: "version-mismatch", version: current.version };
    return apply(request, current);
  });
  return { outcomes, transitions, refunds, latePayments };
}

function currentOf(order: LockedOrder): Current {
  const keys = new Map(order.keyed.map(({ key, fingerprint }) => [key, fingerprint]));
  return { order, state: order.state, version: order.version, keys };
}

function evaluate({ wish }: TransitionRequest, state: OrderState, nowMs: number): ConfirmResult {
  switch (wish.kind) {
    case "confirm":
      return confirm(state, wish.reference, nowMs);
    case "cancel":
      return cancel(state, wish.items, nowMs);
    case "extend":
      return extend(state, wish.holdSeconds, nowMs);
  }
}

function partiesOf({ actor }: TransitionRequest, { id, accountId, eventId }: LockedOrder) {
  return { orderId: id, accountId, eventId, actor };
}

function toTransition(request: TransitionRequest, { order, state }: Current, change: Change): PlannedTransition {
  const { wish, key } = request;
  return {
    ...partiesOf(request, order),
    version: order.version,
    atMs: order.nowMs,
    decidedAtMs: order.decidedAtMs,
    from: state.status,
    to: change.status,
    items: change.items,
    returned: change.returned,
    expiresAtMs: change.expiresAtMs,
    paymentReference: change.paymentReference,
    reason: wish.kind === "cancel" ? wish.reason : wish.kind === "extend" ? "extended" : null,
    idempotencyKey: key?.idempotencyKey ?? null,
    fingerprint: key?.fingerprint ?? null,
  };
}

/** Notes a change for the requests of the group that follow. */
function note(current: Current, { wish, key }: TransitionRequest, change: Change): void {
  const { status, items, expiresAtMs, paymentReference } = change;
  const wasExtended = current.state.wasExtended || wish.kind === "extend";
  current.state = { ...current.state, status, items, expiresAtMs, paymentReference, wasExtended };
  current.version++;
  if (key !== null) current.keys.set(key.idempotencyKey, key.fingerprint);
}
