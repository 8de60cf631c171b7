import { announceArrivals } from "@onsale/database/statements/allocation/announce-arrivals";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { countPending } from "@onsale/database/statements/allocation/count-pending";
import { findDue } from "@onsale/database/statements/allocation/find-due";
import { findLeftBehind } from "@onsale/database/statements/allocation/find-left-behind";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { readCounters } from "@onsale/database/statements/allocation/read-counters";
import { readPending } from "@onsale/database/statements/allocation/read-pending";
import { summariseHolds } from "@onsale/database/statements/allocation/summarise-holds";
import { summarisePending } from "@onsale/database/statements/allocation/summarise-pending";
import { writeDecisions } from "@onsale/database/statements/allocation/write-decisions";
import { writeLatePayments } from "@onsale/database/statements/allocation/write-late-payments";
import { type Sample, sample } from "../sample.ts";

const noDecisions = { stock: [], orders: [], buckets: [], events: [] };

export const allocationSamples: readonly Sample[] = [
  sample(announceArrivals, "", [[1]]),
  sample(applyReturns, "", [[1]], [[{ expiredCount: 0, returnedCount: 0, ticketCount: 0, hasMore: false }]]),
  sample(countPending, "", [[1]]),
  sample(findDue, "", []),
  sample(findLeftBehind, "", [1_000]),
  sample(lockStock, "", [[{ eventId: 1, ticketType: "STANDARD" }]]),
  sample(readCounters, "", [[{ eventId: 1, ticketType: "STANDARD" }]]),
  sample(readPending, "", [[1], 100]),
  sample(summariseHolds, "", []),
  sample(summarisePending, "", []),
  sample(writeDecisions, "", [noDecisions], [[{ decidedAtMs: 0 }]]),
  sample(writeLatePayments, "", [[]]),
];
