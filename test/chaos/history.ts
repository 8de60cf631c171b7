// What the clients asked and were answered, with monotonic times: the checks know nothing else of what buyers were
// told.
import type { Order, Purchase } from "@onsale/contracts/order";
import { type Answer, isNetworkError } from "../demo/gateway.ts";

export type PurchaseAsk = Readonly<{ kind: "purchase"; key: string; body: Purchase }>;

/** A request of a client. */
export type Ask =
  | PurchaseAsk
  | Readonly<{ kind: "confirm"; orderId: string; reference: string }>
  | Readonly<{ kind: "cancel"; orderId: string; key: string; items: Order["items"] | undefined }>
  | Readonly<{ kind: "extend"; orderId: string; key: string }>
  | Readonly<{ kind: "read"; orderId: string }>;

/** What an answer told of an order. */
export type SeenOrder = Pick<Order, "id" | "status" | "version">;

export type Result =
  | Readonly<{ kind: "order"; order: SeenOrder; isReplayed: boolean }>
  | Readonly<{ kind: "unchanged" }>
  | Readonly<{ kind: "problem"; status: number; code: string }>
  /** The answer was lost, or did not come in time: what was asked may have happened, and may still happen. */
  | Readonly<{ kind: "unknown" }>
  /** An answer that no client could read. */
  | Readonly<{ kind: "unreadable"; why: string }>;

export type Call = Readonly<{
  ask: Ask;
  /** By `performance.now()`. */
  beganMs: number;
  endedMs: number;
  result: Result;
}>;

export type History = Readonly<{
  calls: readonly Call[];
  /** Sends a request, and records it with its answer; never throws. */
  record: (ask: Ask, send: () => Promise<Answer>) => Promise<Answer | undefined>;
  /** Records what a stream told: it is like the answer to a read that began with the stream. */
  observe: (order: SeenOrder, beganMs: number) => void;
}>;

/** Creates an empty history. */
export function createHistory(nowMs: () => number = () => performance.now()): History {
  const calls: Call[] = [];
  return {
    calls,
    record: async (ask, send) => {
      const beganMs = nowMs();
      const note = (result: Result) => calls.push({ ask, beganMs, endedMs: nowMs(), result });
      try {
        const answer = await send();
        note(resultOf(answer));
        return answer;
      } catch (error) {
        note(isLost(error) ? { kind: "unknown" } : { kind: "unreadable", why: String(error) });
        return undefined;
      }
    },
    observe: (order, beganMs) => {
      const result = resultOf({ kind: "order", order, isReplayed: false });
      calls.push({ ask: { kind: "read", orderId: order.id }, beganMs, endedMs: nowMs(), result });
    },
  };
}

function resultOf(answer: Answer | Readonly<{ kind: "order"; order: SeenOrder; isReplayed: boolean }>): Result {
  switch (answer.kind) {
    case "order": {
      const { id, status, version } = answer.order;
      return { kind: "order", order: { id, status, version }, isReplayed: answer.isReplayed };
    }
    case "unchanged":
      return { kind: "unchanged" };
    case "problem":
      return { kind: "problem", status: answer.problem.status, code: answer.problem.code };
  }
}

/** Whether a request failed on its way, or was given up by its client. */
function isLost(error: unknown): boolean {
  return (
    isNetworkError(error) || (error instanceof DOMException && ["AbortError", "TimeoutError"].includes(error.name))
  );
}
