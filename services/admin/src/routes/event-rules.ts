// The console's API for what people see of an event's rules: limits and prices, access codes, the waiting list, the
// activity log, and how far its cancellation has got.
import type { Db } from "@onsale/database/client";
import { readCancellation } from "@onsale/database/statements/cancellations/read-cancellation";
import { nameEvents } from "@onsale/database/statements/events/find-events";
import { getEvent } from "@onsale/database/statements/events/get-events";
import { listActivities } from "@onsale/database/statements/events/list-activities";
import { type AccessCodeRow, listAccessCodes } from "@onsale/database/statements/rules/access-codes";
import { listWaiting } from "@onsale/database/statements/rules/list-waiting";
import { Type } from "typebox";
import type {
  ActivityPage,
  CancellationProgress,
  CodeLine,
  CodePage,
  EventRules,
  WaitingHead,
} from "../console/messages/event-messages.ts";
import { presentActivity } from "../console/present/present-activity.ts";
import { HttpError } from "../errors/http-error.ts";
import type { CodeChanges } from "../events/code-changes.ts";
import type { App } from "../http/app-type.ts";
import { EventId } from "../http/parameters.ts";

const pageSize = 20;
const waitingCountMax = 20;

const params = Type.Object({ id: EventId });
const Page = Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })) });

export type EventRuleRouteParts = Readonly<{ lookupDb: Db; codeChanges: CodeChanges }>;

export function registerEventRuleRoutes(app: App, { lookupDb: db, codeChanges }: EventRuleRouteParts): void {
  app.get("/api/events/:id/rules", { schema: { params } }, async (request): Promise<EventRules> => {
    const [name] = await nameEvents(db, [request.params.id]);
    const event = name && (await getEvent(db, name.accountId, name.code));
    if (event === undefined) throw new HttpError(404, "There is no event with this number.");
    const { maxPerOrder, maxPerCustomer, offerSeconds, waitlistPolicy, ticketTypes } = event;
    const prices = Object.fromEntries(
      ticketTypes.flatMap(({ ticketType, price }) => (price === undefined ? [] : [[ticketType, price]])),
    );
    // Codes and customers are hashed under the same key.
    const canLimitCustomers = codeChanges.canCreate;
    return { maxPerOrder, maxPerCustomer, offerSeconds, waitlistPolicy, canLimitCustomers, prices };
  });

  const pageSchema = { params, querystring: Page };
  app.get("/api/events/:id/access-codes", { schema: pageSchema }, async (request): Promise<CodePage> => {
    const rows = await listAccessCodes(db, request.params.id, startOf(request.query.after), pageSize + 1);
    return { codes: rows.slice(0, pageSize).map(presentCode), next: nextOf(rows), canCreate: codeChanges.canCreate };
  });

  app.get("/api/events/:id/activity", { schema: pageSchema }, async (request): Promise<ActivityPage> => {
    const rows = await listActivities(db, request.params.id, startOf(request.query.after), pageSize + 1);
    return { activities: rows.slice(0, pageSize).map(presentActivity), next: nextOf(rows) };
  });

  app.get("/api/events/:id/waiting", { schema: { params } }, async (request): Promise<WaitingHead> => {
    const rows = await listWaiting(db, request.params.id, waitingCountMax + 1);
    const orders = rows.slice(0, waitingCountMax).map(({ lines, ...row }) => ({
      ...row,
      tickets: lines.map(({ ticketType, quantity }) => `${quantity} ${ticketType}`).join(" + "),
    }));
    return { orders, hasMore: rows.length > waitingCountMax };
  });

  app.get("/api/events/:id/cancellation", { schema: { params } }, async (request): Promise<CancellationProgress> => {
    const row = await readCancellation(db, request.params.id);
    if (row === undefined) return { progress: null };
    const { reason, startedAt, finishedAt, total, cancelled } = row;
    const times = { startedAt: startedAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
    return { progress: { reason, ...times, total, cancelled } };
  });
}

function startOf(after: number | undefined) {
  return after === undefined ? { offset: 0 } : { afterId: after };
}

/** The last row of the page, when there are more. */
function nextOf(rows: readonly Readonly<{ id: number }>[]): string | null {
  return rows.length > pageSize ? String(rows[pageSize - 1]?.id) : null;
}

function presentCode({ createdAt, revokedAt, ...row }: AccessCodeRow): CodeLine {
  return { ...row, createdAt: createdAt.toISOString(), revokedAt: revokedAt?.toISOString() ?? null };
}
