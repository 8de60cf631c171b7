// Routes of an event's stock: reads it, and sets the total of a ticket type.
import { Inventory, InventoryTotal } from "@onsale/contracts/inventory";
import type { ValidationFault } from "@onsale/contracts/problem";
import { EventCode, Ref, TicketType } from "@onsale/contracts/text";
import { ticketTypesMax } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { capabilities } from "@onsale/database/statements/operations/lowest-capability";
import type { Metrics } from "@onsale/observability/metrics";
import { Type } from "typebox";
import type { GuessLimit } from "../access/guess-limit.ts";
import { hiddenProblems, hiddenQuery, readShown } from "../access/shown-types.ts";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import { presentInventory } from "../catalogue/present.ts";
import type { StockReader } from "../catalogue/stock-reader.ts";
import type { App } from "../http/app-type.ts";
import { ProblemError } from "../http/problem-error.ts";
import { bodyProblems, routeProblems } from "../http/responses.ts";
import { readTime, validationProblem } from "../http/validation.ts";
import type { FindAccessCode } from "../purchase/access-codes.ts";
import { type Capability, setsRules } from "../purchase/capability.ts";
import { requireCustomerKey, rulesProblem } from "../purchase/rule-problems.ts";

export type InventoryRouteParts = Readonly<{
  db: Db;
  catalogue: Catalogue;
  stockReader: StockReader;
  findAccessCode: FindAccessCode;
  guesses: GuessLimit;
  capability: Pick<Capability, "require">;
  /** Whether this gateway has CUSTOMER_KEY. */
  hasCustomerKey: boolean;
  metrics: Metrics;
}>;

const tags = ["stock"];

export function registerInventoryRoutes(app: App, parts: InventoryRouteParts): void {
  registerGetStock(app, parts);
  registerSetTotal(app, parts);
}

function registerGetStock(app: App, parts: InventoryRouteParts): void {
  const { catalogue, stockReader } = parts;
  const getSchema = {
    tags,
    operationId: "getInventory",
    summary: "Get an event's stock",
    params: Type.Object({ eventCode: EventCode }),
    querystring: hiddenQuery,
    response: {
      200: Type.Array(Ref(Inventory)),
      ...routeProblems(...hiddenProblems, "validation-failed", "event-not-found"),
    },
  };
  app.get("/inventory/:eventCode", { schema: getSchema, config: { scope: "any" } }, async (request, reply) => {
    const event = await requireCatalogueEvent(catalogue, request.accountId, request.params.eventCode);
    const rows = await stockReader.read(event.id);
    const isShown = await readShown(event, parts, request, reply);
    return rows.filter(isShown).map((row) => presentInventory(event.code, row));
  });
}

const putSchema = {
  tags,
  operationId: "setTotal",
  summary: "Set how many tickets of a type there are, and its price and rules",
  description:
    "Creates the ticket type when the event does not have it yet. A price or rule that is not sent stays as it is.",
  params: Type.Object({ eventCode: EventCode, ticketType: TicketType }),
  body: Ref(InventoryTotal),
  response: {
    200: Ref(Inventory),
    201: Ref(Inventory),
    ...routeProblems(
      ...bodyProblems,
      "event-not-found",
      "event-cancelled",
      "total-below-allocated",
      "too-many-ticket-types",
      "pool-not-found",
      "customer-key-missing",
      "upgrade-in-progress",
    ),
  },
};

function registerSetTotal(app: App, parts: InventoryRouteParts): void {
  const { db, catalogue, stockReader, capability, hasCustomerKey, metrics } = parts;
  const retries = metrics.counter("db_transaction_retries_total");
  const countRetry = (sqlstate: string) => retries.inc({ sqlstate });

  app.put(
    "/inventory/:eventCode/:ticketType",
    { schema: putSchema, config: { scope: "inventory:write" } },
    async (request, reply) => {
      const { accountId, actor } = request;
      const { eventCode, ticketType } = request.params;
      const fields = readFields(request.body);
      if (setsRules(request.body)) capability.require(capabilities.rules);
      const { id: eventId } = await requireCatalogueEvent(catalogue, accountId, eventCode);
      const { total, maxPerCustomer } = fields;
      const change = { ...fields, accountId, eventId, eventCode, ticketType, actor };
      requireCustomerKey(hasCustomerKey, [maxPerCustomer]);
      const set = () => setInventoryTotal(db, change);
      const result = await withContentionRetries(set, countRetry).catch((error) => {
        throw rulesProblem(error);
      });
      if (result.kind === "too-many-ticket-types") {
        throw new ProblemError(result.kind, `An event has at most ${ticketTypesMax} ticket types.`);
      }
      if (result.kind === "contradiction") throw validationProblem(result.faults);
      if (result.kind === "event-cancelled") {
        throw new ProblemError(result.kind, `The event ${eventCode} was cancelled, so its stock stays as it is.`);
      }
      if (result.kind === "below-allocated") {
        const detail = `${result.allocated} tickets are allocated, so the total cannot be ${total}.`;
        throw new ProblemError("total-below-allocated", detail);
      }
      catalogue.forget(accountId, eventCode);
      stockReader.forget(eventId);
      return reply.code(result.kind === "created" ? 201 : 200).send(presentInventory(eventCode, result.inventory));
    },
  );
}

/** @throws ProblemError `validation-failed` for a time that is not real */
function readFields(body: InventoryTotal) {
  const { total, price, maxPerOrder, maxPerCustomer, pools, visibility } = body;
  const faults: ValidationFault[] = [];
  const salesStart = readTime(body.salesStart, "/salesStart", faults);
  const salesEnd = readTime(body.salesEnd, "/salesEnd", faults);
  if (faults.length > 0) throw validationProblem(faults);
  const isHidden = visibility === undefined ? undefined : visibility === "code";
  return { total, price, salesStart, salesEnd, maxPerOrder, maxPerCustomer, pools, isHidden };
}
