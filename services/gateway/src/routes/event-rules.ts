// Routes that change an event and the rules of its sale, and that tell who changed them.
import { ActivityPage } from "@onsale/contracts/activity";
import { Event, EventChange } from "@onsale/contracts/event";
import { PageQuery } from "@onsale/contracts/page";
import type { ValidationFault } from "@onsale/contracts/problem";
import { EventCode, Ref } from "@onsale/contracts/text";
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { changeEvent, type EventPatch } from "@onsale/database/statements/events/change-event";
import { getEvent } from "@onsale/database/statements/events/get-events";
import { type ActivityRow, countActivities, listActivities } from "@onsale/database/statements/events/list-activities";
import { capabilities } from "@onsale/database/statements/operations/lowest-capability";
import type { Metrics } from "@onsale/observability/metrics";
import { Type } from "typebox";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import { presentEvent } from "../catalogue/present.ts";
import type { App } from "../http/app-type.ts";
import { isCount, readPageQuery } from "../http/page.ts";
import { ProblemError } from "../http/problem-error.ts";
import { bodyProblems, routeProblems } from "../http/responses.ts";
import { readTime, validationProblem } from "../http/validation.ts";
import type { Lists } from "../lists/lists.ts";
import { type Capability, setsRules } from "../purchase/capability.ts";
import { findPoolFaults, requireCustomerKey, rulesProblem } from "../purchase/rule-problems.ts";

const byCode = Type.Object({ code: EventCode });

export type EventRuleRouteParts = Readonly<{
  db: Db;
  lists: Lists;
  catalogue: Catalogue;
  capability: Pick<Capability, "require">;
  /** Whether this gateway has CUSTOMER_KEY. */
  hasCustomerKey: boolean;
  metrics: Metrics;
}>;

export function registerEventRuleRoutes(app: App, parts: EventRuleRouteParts): void {
  registerChangeEvent(app, parts);
  registerActivity(app, parts);
}

function registerChangeEvent(app: App, parts: EventRuleRouteParts): void {
  const { db, catalogue, capability, hasCustomerKey, metrics } = parts;
  const retries = metrics.counter("db_transaction_retries_total");
  const countRetry = (sqlstate: string) => retries.inc({ sqlstate });

  const schema = {
    tags: ["events"],
    operationId: "changeEvent",
    summary: "Change an event, and the rules of its sale",
    description:
      "Fields that are not sent stay as they are; null removes a rule. Every gateway follows within a second. Orders " +
      "that are recorded already are not affected: they are decided, confirmed and cancelled as before.",
    params: byCode,
    body: Ref(EventChange),
    response: {
      200: Ref(Event),
      ...routeProblems(
        ...bodyProblems,
        "event-not-found",
        "event-cancelled",
        "total-below-allocated",
        "upgrade-in-progress",
        "customer-key-missing",
      ),
    },
  };
  app.patch("/events/:code", { schema, config: { scope: "events:write" } }, async (request) => {
    const { accountId, actor } = request;
    const { code } = request.params;
    const patch = toPatch(request.body);
    if (setsRules(request.body)) capability.require(capabilities.rules);
    requireCustomerKey(hasCustomerKey, [patch.maxPerCustomer]);
    const change = () => changeEvent(db, { accountId, code, actor }, patch);
    const result = await withContentionRetries(change, countRetry).catch((error) => {
      throw rulesProblem(error);
    });
    if (result.kind === "contradiction") throw validationProblem(result.faults);
    const event = result.kind === "changed" ? await getEvent(db, accountId, code) : undefined;
    if (event === undefined) throw new ProblemError("event-not-found", `No event has the code ${code}.`);
    catalogue.forget(accountId, code);
    return presentEvent(event);
  });
}

function registerActivity(app: App, { lists, catalogue }: EventRuleRouteParts): void {
  const schema = {
    tags: ["events"],
    operationId: "listEventActivity",
    summary: "Read who changed an event, its stock and its rules, the newest change first",
    params: byCode,
    querystring: Type.Object(PageQuery, { additionalProperties: false }),
    response: { 200: Ref(ActivityPage), ...routeProblems("validation-failed", "event-not-found") },
  };
  app.get("/events/:code/activity", { schema, config: { scope: "admin", shedAt: 1 } }, async (request) => {
    const { accountId } = request;
    const event = await requireCatalogueEvent(catalogue, accountId, request.params.code);
    const page = readPageQuery(request.query, ["activity", event.id], parsePosition);
    return lists.readPage(accountId, page, {
      read: (listDb, start, count) => listActivities(listDb, event.id, start, count),
      count: (listDb) => countActivities(listDb, event.id),
      present: presentActivity,
      positionOf: ({ id }) => [id],
    });
  });
}

function parsePosition([id, ...rest]: readonly string[]) {
  return isCount(id) && rest.length === 0 ? { afterId: Number(id) } : null;
}

function presentActivity({ at, actor, action, detail }: ActivityRow) {
  return { at: at.toISOString(), actor, action, detail };
}

/** @throws ProblemError `validation-failed` for a time that is not real */
function toPatch({
  name,
  paused,
  maxPerOrder,
  maxPerCustomer,
  offerSeconds,
  waitlistPolicy,
  ...rest
}: EventChange): EventPatch {
  const { pools, ...times } = rest;
  const faults: ValidationFault[] = findPoolFaults(pools);
  const startTime = readTime(times.startTime, "/startTime", faults) ?? undefined;
  const endTime = readTime(times.endTime, "/endTime", faults) ?? undefined;
  const salesStart = readTime(times.salesStart, "/salesStart", faults);
  const salesEnd = readTime(times.salesEnd, "/salesEnd", faults);
  if (faults.length > 0) throw validationProblem(faults);
  const ofEvent = { name, startTime, endTime, salesStart, salesEnd, paused, maxPerOrder };
  return { ...ofEvent, maxPerCustomer, offerSeconds, waitlistPolicy, pools };
}
