import { readArrivalFloor } from "@onsale/database/statements/orders/arrival-floor";
import { findOrdersByKey } from "@onsale/database/statements/orders/find-orders-by-key";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { insertOrders } from "@onsale/database/statements/orders/insert-orders";
import { countOrders, listOrders, type OrderFilter } from "@onsale/database/statements/orders/list-orders";
import { anyId, type Sample, sample } from "../sample.ts";

const all: OrderFilter = { accountId: 1 };
const some: OrderFilter = { ...all, eventId: 1, status: "CONFIRMED" };
const cursor = { afterId: anyId, afterSeq: 1 };
const count = [{ count: 0 }];

export const orderSamples: readonly Sample[] = [
  sample(readArrivalFloor, "", []),
  sample(findOrdersByKey, "", [[]]),
  sample(getOrders, "", [[anyId]]),
  sample(insertOrders, "", [[]]),
  sample(listOrders, "all, by offset", [all, { offset: 0 }, 50]),
  sample(listOrders, "all, after a cursor", [all, cursor, 50]),
  sample(listOrders, "of an event and a status, by offset", [some, { offset: 0 }, 50]),
  sample(listOrders, "of an event and a status, after a cursor", [some, cursor, 50]),
  sample(countOrders, "all", [all], [count]),
  sample(countOrders, "of an event and a status", [some], [count]),
];
