import { createMissedDeliveries } from "@onsale/database/statements/deliveries/create-missed-deliveries";
import { createPing } from "@onsale/database/statements/deliveries/create-ping";
import { takeBodyLocks, takeMissedLock, tryRelayLock } from "@onsale/database/statements/deliveries/delivery-bodies";
import type { FactSourceName } from "@onsale/database/statements/deliveries/fact-sources";
import { findDueEndpoints } from "@onsale/database/statements/deliveries/find-due-endpoints";
import { findDeliveries, findFacts, listEventIds } from "@onsale/database/statements/deliveries/find-seq-ranges";
import { insertDeliveries } from "@onsale/database/statements/deliveries/insert-deliveries";
import {
  countDeliveries,
  getDelivery,
  listDeliveries,
  listOrderDeliveries,
} from "@onsale/database/statements/deliveries/list-deliveries";
import { oldestUndeliveredAge } from "@onsale/database/statements/deliveries/oldest-undelivered";
import { readDueDeliveries } from "@onsale/database/statements/deliveries/read-due-deliveries";
import { recordAttempt } from "@onsale/database/statements/deliveries/record-attempt";
import { redeliver, redeliverPage } from "@onsale/database/statements/deliveries/redeliver";
import { relayOutbox } from "@onsale/database/statements/deliveries/relay-outbox";
import { anyId, anyTime, type Sample, sample } from "../sample.ts";

const attempt = {
  deliveryId: anyId,
  attemptCount: 0,
  result: "delivered",
  status: 204,
  responseBody: "",
  error: null,
  startedAt: anyTime,
  durationMs: 1,
  nextDelayMs: null,
} as const;
const choice = { createdFrom: anyTime, createdBefore: anyTime, includeDelivered: false };
const time = { from: anyTime, to: anyTime };
const missedRange = { eventId: 1, afterSeq: 0, beforeSeq: 9 };
const first = { offset: 0 };
const count = [{ count: 0 }];
const lock = [{ isMine: true }];
const outboxRow = {
  outboxId: 1,
  type: "order.confirmed",
  happenedAt: anyTime,
  id: anyId,
  accountId: 1,
  eventId: 1,
};

const newDelivery = { endpointId: anyId, outboxId: null, orderId: anyId, type: "order.confirmed", body: "{}" } as const;
const subscription = { types: ["order.confirmed"], eventId: null, activeSince: anyTime };
const missed = { ...outboxRow, version: 3, factVersion: 3 };
const missedAnswers = [[], [subscription], [{ lastSeq: 5 }], [missed]];
const sampleMissed = (variant: string, source: FactSourceName) =>
  sample(createMissedDeliveries, variant, [anyId, source, time, missedRange, 1_000, () => "{}"], missedAnswers);

export const deliverySamples: readonly Sample[] = [
  sample(createPing, "", [anyId]),
  sample(takeBodyLocks, "", []),
  sample(takeMissedLock, "", []),
  sample(tryRelayLock, "", []),
  sample(findDueEndpoints, "", []),
  sample(listDeliveries, "the first page", [anyId, {}, first, 50]),
  sample(listDeliveries, "of one status, by offset", [anyId, { status: "FAILED" }, first, 50]),
  sample(listDeliveries, "of one status, after a cursor", [anyId, { status: "FAILED" }, { afterSeq: 1 }, 50]),
  sample(listDeliveries, "of one type and order", [anyId, { type: "order.held", orderId: anyId }, first, 50]),
  sample(getDelivery, "", [anyId, anyId]),
  sample(listOrderDeliveries, "", [anyId, 50]),
  sample(countDeliveries, "of all statuses", [anyId, {}], [count]),
  sample(countDeliveries, "of one status", [anyId, { status: "FAILED" }], [count]),
  sample(oldestUndeliveredAge, "", []),
  sample(readDueDeliveries, "", [anyId, [], 10]),
  sample(recordAttempt, "", [attempt]),
  sample(redeliver, "one delivery", [anyId, anyId]),
  sample(redeliverPage, "", [anyId, choice, { afterSeq: 0, beforeSeq: 9 }, 1_000]),
  sample(findDeliveries, "", [anyId, time]),
  sample(findFacts, "first decisions", ["orders", [1], time]),
  sample(findFacts, "later transitions", ["history", [1], time]),
  sample(findFacts, "refunds", ["refunds", [1], time]),
  sample(listEventIds, "", [1, null, 0, 200]),
  sample(listEventIds, "of an endpoint for one event", [1, 1, 0, 200]),
  sample(insertDeliveries, "", [[newDelivery], 0]),
  sampleMissed("first decisions", "orders"),
  sampleMissed("later transitions", "history"),
  sampleMissed("refunds", "refunds"),
  sample(relayOutbox, "", [500, 0, () => "{}"], [lock, [outboxRow]]),
];
