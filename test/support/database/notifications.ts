import { createListener } from "@onsale/database/announcements/listen";
import { sql } from "kysely";
import { atEnd } from "../cleanup.ts";
import { untilTrue } from "../until.ts";
import { connect } from "./database.ts";

/** Listens on a channel from now on; the returned function returns the payloads that were sent before its call. */
export async function recordNotifications(url: string, channel: string): Promise<() => Promise<string[]>> {
  const payloads: string[] = [];
  const listener = createListener({
    url,
    applicationName: "onsale-test",
    onListening: () => undefined,
    onLost: () => undefined,
    handlers: { [channel]: (payload) => payloads.push(payload) },
  });
  atEnd(listener.close);
  await untilTrue("it listens", listener.isListening);
  const db = connect(url, 1);
  return async () => {
    // PostgreSQL sends notifications in the order of their commits, so this one follows all that are wanted.
    const mark = "end of the recording";
    await sql`SELECT pg_notify(${channel}, ${mark})`.execute(db);
    await untilTrue("all notifications are received", () => payloads.includes(mark));
    return payloads.splice(0).slice(0, -1);
  };
}
