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
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import { presentInventory } from "../catalogue/present.ts";
import type { StockReader } from "../catalogue/stock-reader.ts";
import type { App } from "../http/app-type.ts";
import { ProblemError } from "../http/problem-error.ts";
import { bodyProblems, routeProblems } from "../http/responses.ts";
import { readTime, validationProblem } from "../http/validation.ts";
import type { Capability } from "../purchase/capability.ts";
import { setsRules } from "./event-rules.ts";

export type InventoryRouteParts = Readonly<{
  db: Db;
  catalogue: Catalogue;
  stockReader: StockReader;
  capability: Pick<Capability, "require">;
  metrics: Metrics;
}>;

const tags = ["events"];

export function registerInventoryRoutes(app: App, parts: InventoryRouteParts): void {
  registerGetStock(app, parts);
  registerSetTotal(app, parts);
}

function registerGetStock(app: App, { catalogue, stockReader }: InventoryRouteParts): void {
  const getSchema = {
    tags,
    summary: "Get an event's stock",
    params: Type.Object({ eventCode: EventCode }),
    response: { 200: Type.Array(Ref(Inventory)), ...routeProblems("validation-failed", "event-not-found") },
  };
  app.get("/inventory/:eventCode", { schema: getSchema, config: { scope: "any" } }, async (request) => {
    const event = await requireCatalogueEvent(catalogue, request.accountId, request.params.eventCode);
    const rows = await stockReader.read(event.id);
    return rows.map((row) => presentInventory(event.code, row));
  });
}

function registerSetTotal(app: App, parts: InventoryRouteParts): void {
  const { db, catalogue, stockReader, capability, metrics } = parts;
  const retries = metrics.counter("db_transaction_retries_total");
  const countRetry = (sqlstate: string) => retries.inc({ sqlstate });

  const putSchema = {
    tags,
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
        "upgrade-in-progress",
      ),
    },
  };
  app.put(
    "/inventory/:eventCode/:ticketType",
    { schema: putSchema, config: { scope: "inventory:write" } },
    async (request, reply) => {
      const { accountId, actor } = request;
      const { eventCode, ticketType } = request.params;
      const { total, price, maxPerOrder } = request.body;
      const faults: ValidationFault[] = [];
      const salesStart = readTime(request.body.salesStart, "/salesStart", faults);
      const salesEnd = readTime(request.body.salesEnd, "/salesEnd", faults);
      if (faults.length > 0) throw validationProblem(faults);
      if (setsRules(request.body)) capability.require(capabilities.rules);
      const { id: eventId } = await requireCatalogueEvent(catalogue, accountId, eventCode);
      const change = {
        accountId,
        eventId,
        eventCode,
        ticketType,
        total,
        price,
        actor,
        salesStart,
        salesEnd,
        maxPerOrder,
      };
      const result = await withContentionRetries(() => setInventoryTotal(db, change), countRetry);
      if (result.kind === "too-many-ticket-types") {
        throw new ProblemError(result.kind, `An event has at most ${ticketTypesMax} ticket types.`);
      }
      if (result.kind === "event-cancelled") {
        throw new ProblemError(result.kind, `The event ${eventCode} was cancelled, so its stock stays as it is.`);
      }
      if (result.kind === "contradiction") throw validationProblem(result.faults);
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
