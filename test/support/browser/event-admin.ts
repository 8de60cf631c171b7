// What people do to events in the console, over HTTP.
import type { ActivityPage } from "@onsale/admin/console/messages/event-messages";
import type { EventLine } from "@onsale/admin/console/messages/messages";
import type { TestEvent } from "../database/factories.ts";
import type { AdminClient } from "./admin.ts";

/** Sends a change; the answer's fields, with its status. */
export async function send(client: AdminClient, path: string, body: unknown, headers?: Record<string, string>) {
  const { status, text } = await client.send("POST", path, headers, JSON.stringify(body));
  return { status, ...JSON.parse(text) };
}

export type EventAdmin = ReturnType<typeof createEventAdmin>;

export function createEventAdmin(admin: AdminClient) {
  return {
    read: (id: number): Promise<EventLine> => admin.get(`/api/events/${id}`),
    /** @returns the status and the message of the answer */
    change: async ({ id }: TestEvent, path: string, body: unknown): Promise<[number, string]> => {
      const { status, message } = await send(admin, `/api/events/${id}/${path}`, body);
      return [status, message];
    },
    /** The entries of the event's activity log, the newest first. */
    activities: async ({ id }: TestEvent): Promise<string[]> => {
      const page: ActivityPage = await admin.get(`/api/events/${id}/activity`);
      return page.activities.map(({ actor, text }) => `${actor}: ${text}`);
    },
  };
}
