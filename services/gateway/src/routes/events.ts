// Routes of events: creates, lists, reads and audits them.

import { Audit } from "@onsale/contracts/audit";
import { Event, EventPage, NewEvent } from "@onsale/contracts/event";
import { PageQuery } from "@onsale/contracts/page";
import type { ValidationFault } from "@onsale/contracts/problem";
import { EventCode, Ref } from "@onsale/contracts/text";
import { basePath } from "@onsale/contracts/values";
import { audit } from "@onsale/database/audit/audit";
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { recordAudit } from "@onsale/database/statements/audit/last-audit";
import {
  createEvent,
  type EventToCreate,
  type TicketTypeToCreate,
} from "@onsale/database/statements/events/create-event";
import { countEvents, getEvent, listEvents } from "@onsale/database/statements/events/get-events";
import { capabilities } from "@onsale/database/statements/operations/lowest-capability";
import { findTimeFaults } from "@onsale/domain/sale-window";
import type { Metrics } from "@onsale/observability/metrics";
import { Type } from "typebox";
import type { GuessLimit } from "../access/guess-limit.ts";
import { hiddenProblems, hiddenQuery, readShown } from "../access/shown-types.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { isPublic, presentEvent } from "../catalogue/present.ts";
import type { App } from "../http/app-type.ts";
import { isCount, readPageQuery } from "../http/page.ts";
import { ProblemError } from "../http/problem-error.ts";
import { bodyProblems, header, routeProblems } from "../http/responses.ts";
import { readTime, validationProblem } from "../http/validation.ts";
import type { Lists } from "../lists/lists.ts";
import type { FindAccessCode } from "../purchase/access-codes.ts";
import { type Capability, setsRules } from "../purchase/capability.ts";
import { findPoolFaults, requireCustomerKey, rulesProblem } from "../purchase/rule-problems.ts";
import type { EstimatedTime } from "../purchase/sale-rules.ts";

/** PostgreSQL's largest integer. */
const eventIdMax = 2 ** 31 - 1;
const byCode = Type.Object({ code: EventCode });

export type EventRouteParts = Readonly<{
  db: Db;
  /** For audits only, because they take long. */
  auditDb: Db;
  lists: Lists;
  catalogue: Catalogue;
  capability: Pick<Capability, "require">;
  /** Whether this gateway has CUSTOMER_KEY. */
  hasCustomerKey: boolean;
  findAccessCode: FindAccessCode;
  guesses: GuessLimit;
  clock: Pick<EstimatedTime, "nowMs">;
  metrics: Metrics;
}>;

const tags = ["events"];

export function registerEventRoutes(app: App, parts: EventRouteParts): void {
  registerCreateEvent(app, parts);
  registerReadEvents(app, parts);
  registerAudit(app, parts);
}

function registerCreateEvent(app: App, parts: EventRouteParts): void {
  const { db, catalogue, capability, hasCustomerKey, clock, metrics } = parts;
  const retries = metrics.counter("db_transaction_retries_total");
  const countRetry = (sqlstate: string) => retries.inc({ sqlstate });

  const createSchema = {
    tags,
    operationId: "createEvent",
    summary: "Create an event, with or without its stock",
    body: Ref(NewEvent),
    response: {
      201: { ...Ref(Event), headers: { location: header("The event's path.") } },
      ...routeProblems(
        ...bodyProblems,
        "event-exists",
        "pool-not-found",
        "upgrade-in-progress",
        "customer-key-missing",
      ),
    },
  };
  app.post("/events", { schema: createSchema, config: { scope: "events:write" } }, async (request, reply) => {
    const { accountId } = request;
    const { code } = request.body;
    const event = toEvent(request.body, clock.nowMs());
    if ([request.body, ...(request.body.ticketTypes ?? [])].some(setsRules)) capability.require(capabilities.rules);
    requireCustomerKey(
      hasCustomerKey,
      [event, ...event.ticketTypes].map(({ maxPerCustomer }) => maxPerCustomer),
    );
    const create = () => createEvent(db, accountId, event, request.actor);
    const isNew = await withContentionRetries(create, countRetry).catch((error) => {
      throw rulesProblem(error);
    });
    if (!isNew) throw new ProblemError("event-exists", `An event with the code ${code} exists already.`);
    catalogue.forget(accountId, code);
    const created = await requireEvent(db, accountId, code);
    return reply.code(201).header("location", `${basePath}/events/${code}`).send(presentEvent(created));
  });
}

function registerReadEvents(app: App, parts: EventRouteParts): void {
  const { db, lists } = parts;
  const listSchema = {
    tags,
    operationId: "listEvents",
    summary: "List events, the newest first",
    querystring: Type.Object(PageQuery, { additionalProperties: false }),
    response: { 200: Ref(EventPage), ...routeProblems("validation-failed") },
  };
  app.get("/events", { schema: listSchema, config: { scope: "any", shedAt: 1 } }, async (request) => {
    const { accountId } = request;
    const page = readPageQuery(request.query, ["events"], parsePosition);
    return lists.readPage(accountId, page, {
      read: (listDb, start, count) => listEvents(listDb, accountId, start, count),
      count: (listDb) => countEvents(listDb, accountId),
      present: (event) => presentEvent(event, isPublic),
      positionOf: ({ id }) => [id],
    });
  });

  const getSchema = {
    tags,
    operationId: "getEvent",
    summary: "Get an event",
    params: byCode,
    querystring: hiddenQuery,
    response: {
      200: Ref(Event),
      ...routeProblems(...hiddenProblems, "validation-failed", "event-not-found"),
    },
  };
  app.get("/events/:code", { schema: getSchema, config: { scope: "any" } }, async (request, reply) => {
    const event = await requireEvent(db, request.accountId, request.params.code);
    return presentEvent(event, await readShown(event, parts, request, reply));
  });
}

function registerAudit(app: App, { db, auditDb, metrics }: EventRouteParts): void {
  const violations = metrics.counter("invariant_violations_total");
  const auditSchema = {
    tags,
    operationId: "auditEvent",
    summary: "Check that nothing was oversold, lost or decided out of order",
    description: "Reads every order of the event from one snapshot; a large event takes seconds.",
    params: byCode,
    response: { 200: Ref(Audit), ...routeProblems("validation-failed", "event-not-found") },
  };
  app.get("/events/:code/audit", { schema: auditSchema, config: { scope: "admin", shedAt: 1 } }, async (request) => {
    const { id, code } = await requireEvent(db, request.accountId, request.params.code);
    const result = await audit(auditDb, id, code);
    await recordAudit(auditDb, id, result);
    violations.inc(result.checks.reduce((sum, check) => sum + check.violations, 0));
    return result;
  });
}

function parsePosition([id, ...rest]: readonly string[]) {
  return isCount(id) && Number(id) <= eventIdMax && rest.length === 0 ? { afterId: Number(id) } : null;
}

async function requireEvent(db: Db, accountId: number, code: string) {
  const event = await getEvent(db, accountId, code);
  if (event === undefined) throw new ProblemError("event-not-found", `No event has the code ${code}.`);
  return event;
}

/**
 * @param nowMs by PostgreSQL's clock, which decides whether a sale is open
 * @throws ProblemError for what a schema cannot check: real times in order, and each ticket type once
 */
function toEvent(body: NewEvent, nowMs: number): EventToCreate {
  const { code, name, maxPerOrder, ticketTypes = [] } = body;
  const faults: ValidationFault[] = findPoolFaults(body.pools);
  const startTime = readTime(body.startTime, "/startTime", faults);
  const endTime = readTime(body.endTime, "/endTime", faults);
  const salesStart = readTime(body.salesStart, "/salesStart", faults) ?? null;
  const sentEnd = readTime(body.salesEnd, "/salesEnd", faults);
  const salesEnd = sentEnd === undefined ? defaultSalesEnd(endTime, nowMs) : sentEnd;
  faults.push(...findTimeFaults({ startTime, endTime, salesStart, salesEnd }, body));
  const seen = new Set<string>();
  const types = ticketTypes.map((type, index) => {
    const pointer = `/ticketTypes/${index}`;
    if (seen.has(type.ticketType)) faults.push({ pointer: `${pointer}/ticketType`, detail: "is named twice" });
    seen.add(type.ticketType);
    return toTicketType(type, pointer, faults);
  });
  if (faults.length > 0) throw validationProblem(faults);
  const { maxPerCustomer, offerSeconds, waitlistPolicy, pools } = body;
  const rules = { maxPerOrder, maxPerCustomer, offerSeconds, waitlistPolicy, pools };
  return { code, name, startTime, endTime, salesStart, salesEnd, ...rules, ticketTypes: types };
}

/** An event of the past, as examples and tests have them, is sold without end. */
function defaultSalesEnd(endTime: Date | null | undefined, nowMs: number): Date | null {
  return endTime == null || endTime.getTime() <= nowMs ? null : endTime;
}

function toTicketType(
  type: NonNullable<NewEvent["ticketTypes"]>[number],
  pointer: string,
  faults: ValidationFault[],
): TicketTypeToCreate {
  const salesStart = readTime(type.salesStart, `${pointer}/salesStart`, faults) ?? null;
  const salesEnd = readTime(type.salesEnd, `${pointer}/salesEnd`, faults) ?? null;
  for (const fault of findTimeFaults({ salesStart, salesEnd }, type)) {
    faults.push({ ...fault, pointer: pointer + fault.pointer });
  }
  const { visibility, ...rest } = type;
  return { ...rest, salesStart, salesEnd, isHidden: visibility === undefined ? undefined : visibility === "code" };
}
