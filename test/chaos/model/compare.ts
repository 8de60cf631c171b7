// Compares what the installation says with the model. Every difference is an AssertionError that shows both.
import { strict as assert } from "node:assert";
import type { Order } from "@onsale/contracts/order";
import type { Line } from "@onsale/domain/decide";
import { type Answer, RefusedError } from "../../demo/gateway.ts";
import type { ModelOrder } from "./expect/sale.ts";
import { stockOf } from "./expect/stock.ts";
import type { Model } from "./model.ts";
import type { Real } from "./real.ts";

/** The same text for the same tickets. */
export function textOf(lines: readonly Line[]): string {
  return lines
    .map(({ ticketType, quantity }) => `${quantity} ${ticketType}`)
    .sort()
    .join(" and ");
}

/** The order of an answer. */
export function orderIn(answer: Answer): Order {
  assert(answer.kind === "order", `an order was expected, not ${nameOf(answer)}`);
  return answer.order;
}

/** Compares the answer to a change of an order with what it should come to. */
export function compareAnswer(real: Real, answer: Answer, expected: ModelOrder, problem: string | undefined): void {
  real.note(`-> ${nameOf(answer)}`);
  if (problem !== undefined) compareProblem(answer, problem);
  else compareOrder(orderIn(answer), expected);
}

export function compareProblem(answer: Answer, code: string): void {
  assert.equal(nameOf(answer), code, "another problem was expected");
}

function nameOf(answer: Answer): string {
  switch (answer.kind) {
    case "problem":
      return answer.problem.code;
    case "order":
      return answer.order.status;
    case "unchanged":
      return "304";
  }
}

export function compareOrder(order: Order, expected: ModelOrder): void {
  const { id, eventCode, status, version, customerRef, paymentReference, reason, items, requestedItems } = order;
  const { demand } = expected;
  assert.deepEqual(
    {
      id,
      eventCode,
      status,
      version,
      customerRef,
      paymentReference,
      reason: reason?.code ?? null,
      items: textOf(items),
      requestedItems: textOf(requestedItems),
      expires: order.expiresAt !== null,
    },
    {
      id: expected.id,
      eventCode: expected.code,
      status: expected.status,
      version: expected.version,
      customerRef: demand.customer,
      paymentReference: expected.paymentReference,
      reason: expected.reason,
      items: textOf(expected.items),
      requestedItems: textOf(demand.lines),
      expires: expected.status === "HELD" || expected.status === "EXPIRED",
    },
  );
}

/** Compares the stock of every sale, once everything that came back is on sale again. */
export async function compareStock({ sales, orders }: Model, real: Real): Promise<void> {
  await real.untilQuiet([...sales.keys()]);
  for (const [code, sale] of sales) {
    const rows = await real.insist({ gateway: 0, mustBe: false }, (gateway) => gateway.inventory(code));
    const told = rows.map(({ ticketType, total, sold, held, available }) => ({
      ticketType,
      total,
      sold,
      held,
      available,
    }));
    assert.deepEqual(told, stockOf(sale, orders), `the stock of ${code} is another one`);
  }
}

/** The code of the problem that a request is refused with; undefined when it is not refused. */
export async function problemOf(request: Promise<unknown>): Promise<string | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError && error.code !== undefined) return error.code;
    throw error;
  }
}
