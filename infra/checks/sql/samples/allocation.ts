import { announceArrivals } from "@onsale/database/statements/allocation/announce-arrivals";
import { countPending } from "@onsale/database/statements/allocation/count-pending";
import { findLeftBehind } from "@onsale/database/statements/allocation/find-left-behind";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { readPending } from "@onsale/database/statements/allocation/read-pending";
import { summariseHolds } from "@onsale/database/statements/allocation/summarise-holds";
import { summarisePending } from "@onsale/database/statements/allocation/summarise-pending";
import { writeDecisions } from "@onsale/database/statements/allocation/write-decisions";
import { type Sample, sample } from "../sample.ts";

const noDecisions = { stock: [], orders: [], buckets: [], events: [] };

export const allocationSamples: readonly Sample[] = [
  sample(announceArrivals, "", [[1]]),
  sample(countPending, "", [[1]]),
  sample(findLeftBehind, "", [1_000]),
  sample(lockStock, "", [[{ eventId: 1, ticketType: "STANDARD" }]]),
  sample(readPending, "", [[1], 100]),
  sample(summariseHolds, "", []),
  sample(summarisePending, "", []),
  sample(writeDecisions, "", [noDecisions], [[{ decidedAtMs: 0 }]]),
];
