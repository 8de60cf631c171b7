import { createListener } from "@onsale/database/listen";
import { sql } from "kysely";
import { atEnd } from "../cleanup.ts";
import { untilTrue } from "../until.ts";
import { connect } from "./database.ts";

/** Listens on a channel from now on; the returned function gives everything that was notified until it is called. */
export async function recordNotifications(url: string, channel: string): Promise<() => Promise<string[]>> {
  const payloads: string[] = [];
  const listener = createListener({
    ...{ url, applicationName: "onsale-test", onListening: () => undefined, onLost: () => undefined },
    handlers: { [channel]: (payload) => payloads.push(payload) },
  });
  atEnd(listener.close);
  await untilTrue("it listens", listener.isListening);
  const db = connect(url, 1);
  return async () => {
    // Notifications arrive in the order of their commits, so what comes after this one is not asked for.
    const mark = "everything until here";
    await sql`SELECT pg_notify(${channel}, ${mark})`.execute(db);
    await untilTrue("all notifications are here", () => payloads.includes(mark));
    return payloads.splice(0).slice(0, -1);
  };
}
