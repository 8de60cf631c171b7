import { createDatabase } from "@onsale/database/client";
import { createEvent } from "@onsale/database/statements/events/create-event";
import { countEvents } from "@onsale/database/statements/events/get-events";

/** The account that the first migration makes. */
const accountId = 1;
const dayMs = 24 * 60 * 60 * 1_000;
const startsAfterMs = 30 * dayMs;
const lastsMs = 3 * 60 * 60 * 1_000;

/** Creates an event for people to try out, in a database that has none. */
export async function createDemoEvent(databaseUrl: string): Promise<void> {
  const db = createDatabase({ url: databaseUrl, connectionCountMax: 1, applicationName: "onsale-standalone" });
  try {
    if ((await countEvents(db, accountId)) > 0) return;
    const startTime = new Date(Date.now() + startsAfterMs);
    await createEvent(db, accountId, {
      code: "EVNT-ROCK-2025",
      name: "Rock Festival",
      startTime,
      endTime: new Date(startTime.getTime() + lastsMs),
      ticketTypes: [
        { ticketType: "VIP", total: 200 },
        { ticketType: "STANDARD", total: 5_000 },
        { ticketType: "STUDENT", total: 800 },
      ],
    });
  } finally {
    await db.destroy();
  }
}
