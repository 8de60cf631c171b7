// Routes that cancel an event, and tell how far the cancellation of its orders has got.
import { EventCancellation, EventCancellationRequest } from "@onsale/contracts/event-cancellation";
import { EventCode, Ref } from "@onsale/contracts/text";
import { basePath } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { cancelEvent } from "@onsale/database/statements/cancellations/cancel-event";
import { type CancellationRow, readCancellation } from "@onsale/database/statements/cancellations/read-cancellation";
import { capabilities } from "@onsale/database/statements/operations/lowest-capability";
import type { Metrics } from "@onsale/observability/metrics";
import { Type } from "typebox";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import type { App } from "../http/app-type.ts";
import { ProblemError } from "../http/problem-error.ts";
import { bodyProblems, header, routeProblems } from "../http/responses.ts";
import type { Capability } from "../purchase/capability.ts";

const tags = ["events"];
const byCode = Type.Object({ code: EventCode });

export type CancellationRouteParts = Readonly<{
  db: Db;
  catalogue: Catalogue;
  capability: Pick<Capability, "require">;
  metrics: Metrics;
}>;

export function registerCancellationRoutes(app: App, parts: CancellationRouteParts): void {
  registerCancel(app, parts);
  registerGet(app, parts);
}

function registerCancel(app: App, { db, catalogue, capability, metrics }: CancellationRouteParts): void {
  const retries = metrics.counter("db_transaction_retries_total");
  const schema = {
    tags,
    operationId: "cancelEvent",
    summary: "Cancel an event and all its orders",
    description:
      "Nobody can buy from this moment on. The event's orders are then cancelled one after the other, with a webhook " +
      "each; follow that with `GET /events/{code}/cancellation`. It cannot be undone. A second request changes nothing.",
    params: byCode,
    body: Ref(EventCancellationRequest),
    response: {
      200: { ...Ref(EventCancellation), description: "All its orders are cancelled." },
      202: {
        ...Ref(EventCancellation),
        description: "The event is cancelled, and its orders are being cancelled.",
        headers: { location: header("Where its progress is.") },
      },
      ...routeProblems(...bodyProblems, "event-not-found", "upgrade-in-progress"),
    },
  };
  const config = { scope: "events:write", isBodyOptional: true } as const;
  app.post("/events/:code/cancel", { schema, config }, async (request, reply) => {
    const { accountId, actor, body } = request;
    const event = await requireCatalogueEvent(catalogue, accountId, request.params.code);
    capability.require(capabilities.rules);
    const change = { accountId, eventId: event.id, eventCode: event.code, actor, reason: body.reason ?? null };
    await withContentionRetries(
      () => cancelEvent(db, change),
      (sqlstate) => retries.inc({ sqlstate }),
    );
    catalogue.forget(accountId, event.code);
    const progress = await requireProgress(db, event);
    if (progress.status === "running") reply.header("location", `${basePath}/events/${event.code}/cancellation`);
    return reply.code(progress.status === "running" ? 202 : 200).send(progress);
  });
}

function registerGet(app: App, { db, catalogue }: CancellationRouteParts): void {
  const schema = {
    tags,
    operationId: "getEventCancellation",
    summary: "Follow the cancellation of an event",
    params: byCode,
    response: {
      200: Ref(EventCancellation),
      ...routeProblems("validation-failed", "event-not-found", "cancellation-not-found"),
    },
  };
  app.get("/events/:code/cancellation", { schema, config: { scope: "any" } }, async (request) =>
    requireProgress(db, await requireCatalogueEvent(catalogue, request.accountId, request.params.code)),
  );
}

async function requireProgress(db: Db, { id, code }: Readonly<{ id: number; code: string }>) {
  const row = await readCancellation(db, id);
  if (row === undefined) throw new ProblemError("cancellation-not-found", `The event ${code} was not cancelled.`);
  return present(code, row);
}

function present(eventCode: string, row: CancellationRow): EventCancellation {
  const { reason, startedAt, finishedAt, total, cancelled, elapsedSeconds } = row;
  const times = { startedAt: startedAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
  if (finishedAt !== null) {
    return { eventCode, status: "done", reason, ...times, orders: { total, cancelled, remaining: 0 } };
  }
  // Fewer when buyers cancelled theirs, or holds expired, after they were counted.
  const remaining = total === null ? null : Math.max(0, total - cancelled);
  const running = { eventCode, status: "running", reason, ...times, orders: { total, cancelled, remaining } } as const;
  if (remaining === null || cancelled === 0) return running;
  return { ...running, estimatedSeconds: Math.round((remaining * elapsedSeconds * 10) / cancelled) / 10 };
}
