import { changeEvent } from "@onsale/database/statements/events/change-event";
import { createEvent } from "@onsale/database/statements/events/create-event";
import { findCatalogue } from "@onsale/database/statements/events/find-catalogue";
import { findRecentEvents, nameEvents, searchEvents } from "@onsale/database/statements/events/find-events";
import { findSoldOut } from "@onsale/database/statements/events/find-sold-out";
import { countEvents, getEvent, listEvents } from "@onsale/database/statements/events/get-events";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { countActivities, listActivities } from "@onsale/database/statements/events/list-activities";
import { readExpiring } from "@onsale/database/statements/events/read-expiring";
import { readRuledSales, readSales } from "@onsale/database/statements/events/read-sales";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { type SalesQuery, summariseSales } from "@onsale/database/statements/events/summarise-sales";
import { writeActivity } from "@onsale/database/statements/events/write-activity";
import { anyTime, type Sample, sample } from "../sample.ts";

const event = {
  code: "EVENT",
  name: "name",
  startTime: anyTime,
  endTime: anyTime,
  ticketTypes: [],
};
const change = {
  accountId: 1,
  eventId: 1,
  eventCode: "EVENT",
  ticketType: "STANDARD",
  total: 2,
  actor: "api",
};
const sales: SalesQuery = { eventId: 1, from: null, to: null, intervalSeconds: 60 };
const created = [{ event_id: 1 }];
const stock = [{ ctid: "(0,1)", total: 1, allocated: 0, decidedSeq: 0 }];
const changed = [{ id: 1, salesStart: null, salesEnd: null, paused: false }];
const activity = { eventId: 1, actor: "api", action: "event-changed", detail: {} } as const;

export const eventSamples: readonly Sample[] = [
  sample(createEvent, "", [1, event], [[{ id: 1 }]]),
  sample(findCatalogue, "", [[]]),
  sample(nameEvents, "", [[1]]),
  sample(findRecentEvents, "", [20]),
  sample(searchEvents, "", ["text", 20]),
  sample(findSoldOut, "", [[]]),
  sample(getEvent, "", [1, "EVENT"]),
  sample(listEvents, "by offset", [1, { offset: 0 }, 50]),
  sample(listEvents, "after a cursor", [1, { afterId: 1 }, 50]),
  sample(countEvents, "", [1], [[{ count: 0 }]]),
  sample(getInventory, "", [1]),
  sample(readExpiring, "", [[1], 60]),
  sample(readSales, "", [[1]]),
  sample(readRuledSales, "", [[1]]),
  sample(summariseSales, "", [sales, { after: 0, through: 1 }, 5_000]),
  sample(changeEvent, "", [{ accountId: 1, code: "EVENT", actor: "api" }, { paused: true }], [changed]),
  sample(writeActivity, "", [activity]),
  sample(listActivities, "by offset", [1, { offset: 0 }, 50]),
  sample(listActivities, "after a cursor", [1, { afterId: 1 }, 50]),
  sample(countActivities, "", [1], [[{ count: 0 }]]),
  sample(setInventoryTotal, "of a new ticket type", [change], [[], [], created, stock]),
  sample(setInventoryTotal, "of a ticket type that exists", [change], [stock]),
];
