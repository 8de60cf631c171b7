import { announceArrivals } from "@onsale/database/statements/allocation/announce-arrivals";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { findDue, findDueEvents } from "@onsale/database/statements/allocation/find-due";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { readCounters } from "@onsale/database/statements/allocation/read-counters";
import { readPending } from "@onsale/database/statements/allocation/read-pending";
import {
  readCodeUse,
  readCustomerLines,
  readCustomersOf,
  readCustomerUse,
  readEventRules,
} from "@onsale/database/statements/allocation/read-rules";
import { summariseHolds } from "@onsale/database/statements/allocation/summarise-holds";
import { writeDecisions } from "@onsale/database/statements/allocation/write-decisions";
import { writeLatePayments } from "@onsale/database/statements/allocation/write-late-payments";
import { writeRules } from "@onsale/database/statements/allocation/write-rules";
import { countBacklog } from "@onsale/database/statements/pending/count-backlog";
import { countPending } from "@onsale/database/statements/pending/count-pending";
import { findLeftBehind } from "@onsale/database/statements/pending/find-left-behind";
import { summarisePending } from "@onsale/database/statements/pending/summarise-pending";
import { findEndedWaiting } from "@onsale/database/statements/waiting-list/find-ended-waiting";
import { findOffersDue, readWaiting } from "@onsale/database/statements/waiting-list/read-waiting";
import { readWaitingPlaces } from "@onsale/database/statements/waiting-list/read-waiting-places";
import { summariseWaiting } from "@onsale/database/statements/waiting-list/summarise-waiting";
import { writeOffers } from "@onsale/database/statements/waiting-list/write-offers";
import { type Sample, sample } from "../sample.ts";

const noRules = { customers: [], unmarked: [], orders: [], codes: [], waiting: [] };
const noOffers = { eventId: 1, offerSeconds: 600, orders: [], draws: [], due: "done" } as const;
const noDecisions = { stock: [], orders: [], buckets: [], events: [] };

export const allocationSamples: readonly Sample[] = [
  sample(announceArrivals, "", [[1]]),
  sample(applyReturns, "", [[1]], [[], [{ expiredCount: 0, returnedCount: 0, ticketCount: 0, hasMore: false }]]),
  sample(countBacklog, "", []),
  sample(countPending, "", [[1]]),
  sample(findDue, "", []),
  sample(findDueEvents, "", [[1]]),
  sample(findEndedWaiting, "", [250]),
  sample(findLeftBehind, "", [1_000]),
  sample(lockStock, "", [[{ eventId: 1, ticketType: "STANDARD" }]]),
  sample(readCounters, "", [[{ eventId: 1, ticketType: "STANDARD" }]]),
  sample(readPending, "", [[1], 100]),
  sample(readCodeUse, "", [[1]]),
  sample(readCustomersOf, "", [[]]),
  sample(readCustomerUse, "", [[]]),
  sample(readCustomerLines, "", [[]]),
  sample(readEventRules, "", [[1]]),
  sample(readWaiting, "", [1, [{ ticketType: "STANDARD", quantity: 1 }], 0, 100]),
  sample(findOffersDue, "", []),
  sample(readWaitingPlaces, "", [1], [[{ seqs: Buffer.alloc(0), offeredCount: 0 }]]),
  sample(summariseHolds, "", []),
  sample(summarisePending, "", []),
  sample(summariseWaiting, "", []),
  sample(writeDecisions, "", [noDecisions], [[{ decidedAtMs: 0 }]]),
  sample(writeLatePayments, "", [[]]),
  sample(writeOffers, "", [noOffers]),
  sample(writeRules, "", [noRules]),
];
