import { readArrivalFloor } from "@onsale/database/statements/orders/arrival-floor";
import { readDecidedHorizon, readNumberFloor } from "@onsale/database/statements/orders/decided-horizon";
import { exportOrders } from "@onsale/database/statements/orders/export-orders";
import { findOrdersByKey } from "@onsale/database/statements/orders/find-orders-by-key";
import { findSeqAfter, findSeqBefore } from "@onsale/database/statements/orders/find-seq";
import { forgetCustomer } from "@onsale/database/statements/orders/forget-customer";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { insertOrders } from "@onsale/database/statements/orders/insert-orders";
import { countOrders, listOrders, type OrderFilter } from "@onsale/database/statements/orders/list-orders";
import { searchOrders } from "@onsale/database/statements/orders/search-orders";
import { announceChanges } from "@onsale/database/statements/transitions/announce-changes";
import { countTransitions } from "@onsale/database/statements/transitions/count-transitions";
import { lockOrders } from "@onsale/database/statements/transitions/lock-orders";
import { readChanges, readHistory } from "@onsale/database/statements/transitions/read-history";
import { readLatePayments } from "@onsale/database/statements/transitions/read-late-payments";
import { recordLatePayments, recordRefunds } from "@onsale/database/statements/transitions/record-payments";
import { readTransitionFloor } from "@onsale/database/statements/transitions/transition-floor";
import { writeTransitions } from "@onsale/database/statements/transitions/write-transitions";
import { anyId, anyTime, type Sample, sample } from "../sample.ts";

const all: OrderFilter = { accountId: 1 };
const some: OrderFilter = { ...all, eventId: 1, status: "CONFIRMED" };
const pending: OrderFilter = { ...all, eventId: 1, status: "PENDING" };
const ofCustomer: OrderFilter = { ...some, customerRef: "customer-4711" };
const ofPayment: OrderFilter = { ...all, paymentReference: "pay_8Jk2" };
const ofKey: OrderFilter = { ...all, idempotencyKey: "cart-8471" };
const cursor = { afterSeq: 1 };
const count = [{ count: 0 }];
const many = [{ count: 10_001 }];
const planned = [{ "QUERY PLAN": [{ Plan: { "Plan Rows": 20_000 } }] }];
const unplanned = [{ "QUERY PLAN": [{ Plan: { "Plan Rows": 5 } }] }];

export const orderSamples: readonly Sample[] = [
  sample(announceChanges, "", [[anyId], [1]]),
  sample(countTransitions, "", [1]),
  sample(readArrivalFloor, "", []),
  sample(readNumberFloor, "", []),
  sample(readDecidedHorizon, "", [1], [[], [], [{ seq: 1, at: anyTime }]]),
  sample(exportOrders, "", [1, { after: 0, through: 1 }, 250]),
  sample(findSeqBefore, "by the times of orders", [1, "orders.created_at", anyTime], [[{ seq: 1 }]]),
  sample(findSeqAfter, "by the times of transitions", [1, "order_history.at", anyTime], [[{ seq: 1 }]]),
  sample(findOrdersByKey, "", [[]]),
  sample(
    forgetCustomer,
    "with orders",
    [{ accountId: 1, customerRef: "customer-4711", customer: null }, 500],
    [[], [{ id: anyId }]],
  ),
  sample(getOrders, "", [[anyId]]),
  sample(insertOrders, "", [[]], [[{ isWithin: true, seqs: null }]]),
  sample(listOrders, "all, by offset", [all, { offset: 0 }, 50]),
  sample(listOrders, "all, after a cursor", [all, cursor, 50]),
  sample(listOrders, "of an event and a status, by offset", [some, { offset: 0 }, 50]),
  sample(listOrders, "of an event and a status, after a cursor", [some, cursor, 50]),
  sample(listOrders, "of a customer, an event and a status, after a cursor", [ofCustomer, cursor, 50]),
  sample(listOrders, "of a payment, by offset", [ofPayment, { offset: 0 }, 50]),
  sample(listOrders, "of a payment and a customer", [{ ...ofCustomer, ...ofPayment }, { offset: 0 }, 50]),
  sample(listOrders, "of a key, by offset", [ofKey, { offset: 0 }, 50]),
  sample(listOrders, "of a key, a customer and a payment", [{ ...ofKey, ...ofCustomer, ...ofPayment }, cursor, 50]),
  sample(countOrders, "of a customer, an event and a status, a long list", [ofCustomer], [many, many]),
  sample(countOrders, "all, a long list", [all], [many, planned]),
  sample(countOrders, "of an event and a status, a short list", [some], [count]),
  sample(
    countOrders,
    "of an event and a status, a long list that ANALYZE has not seen",
    [some],
    [many, unplanned, many],
  ),
  sample(countOrders, "the pending ones of an event, a long list", [pending], [many, many]),
  sample(searchOrders, "", ["customer-4711", 50]),
  sample(lockOrders, "one order", [[anyId]]),
  sample(lockOrders, "several orders", [[anyId, anyId]]),
  sample(readLatePayments, "", [anyId]),
  sample(readHistory, "", [anyId]),
  sample(readChanges, "", [1, 0, 100]),
  sample(recordRefunds, "", [[]]),
  sample(recordLatePayments, "", [[]]),
  sample(readTransitionFloor, "", []),
  sample(writeTransitions, "", [[]]),
];
