// The console's API for what people see of one event's course: its sales from the beginning, its audit, its webhooks.
import type { Db } from "@onsale/database/client";
import { nameEvents } from "@onsale/database/statements/events/find-events";
import { summariseEventWebhooks } from "@onsale/database/statements/webhooks/summarise-webhooks";
import { Type } from "typebox";
import type { HistoryReader } from "../console/history-reader.ts";
import type { AuditState, EventChanged, EventWebhooks, SaleHistory } from "../console/messages/event-messages.ts";
import { HttpError } from "../errors/http-error.ts";
import { describeFaults, type EventAudits } from "../events/event-audits.ts";
import type { App } from "../http/app-type.ts";
import { EventId } from "../http/parameters.ts";

const params = Type.Object({ id: EventId });

export type EventFactRouteParts = Readonly<{ lookupDb: Db; historyReader: HistoryReader; eventAudits: EventAudits }>;

export function registerEventFactRoutes(app: App, parts: EventFactRouteParts): void {
  const { lookupDb: db, historyReader, eventAudits } = parts;
  app.get("/api/events/:id/history", { schema: { params } }, (request): Promise<SaleHistory> => {
    return historyReader.read(request.params.id);
  });

  app.get("/api/events/:id/audit", { schema: { params } }, async (request): Promise<AuditState> => {
    const { last, isRunning, failure } = await eventAudits.view(request.params.id);
    if (last === undefined) return { last: null, isRunning, failure };
    const { checkedAt, orderCount, checks } = last;
    const faults = describeFaults(checks);
    return {
      last: { checkedAt: checkedAt.toISOString(), orderCount, ok: faults.length === 0, faults },
      isRunning,
      failure,
    };
  });

  app.post("/api/events/:id/audit", { schema: { params } }, async (request): Promise<EventChanged> => {
    eventAudits.begin(request.params.id);
    return { message: "The audit has begun." };
  });

  app.get("/api/events/:id/webhooks", { schema: { params } }, async (request): Promise<EventWebhooks> => {
    const [event] = await nameEvents(db, [request.params.id]);
    if (event === undefined) throw new HttpError(404, "There is no event with this number.");
    return summariseEventWebhooks(db, event.accountId, event.id);
  });
}
