// Routes of an event's stock: reads it, and sets the total of a ticket type.
import { Inventory, InventoryTotal } from "@onsale/contracts/inventory";
import { EventCode, Ref, TicketType } from "@onsale/contracts/text";
import { ticketTypesMax } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import type { Metrics } from "@onsale/observability/metrics";
import { Type } from "typebox";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import { presentInventory } from "../catalogue/present.ts";
import type { StockReader } from "../catalogue/stock-reader.ts";
import type { App } from "../http/app-type.ts";
import { ProblemError } from "../http/problem-error.ts";
import { bodyProblems, routeProblems } from "../http/responses.ts";

export type InventoryRouteParts = Readonly<{
  db: Db;
  catalogue: Catalogue;
  stockReader: StockReader;
  metrics: Metrics;
}>;

export function registerInventoryRoutes(app: App, parts: InventoryRouteParts): void {
  const { db, catalogue, stockReader, metrics } = parts;
  const retries = metrics.counter("db_transaction_retries_total");
  const countRetry = (sqlstate: string) => retries.inc({ sqlstate });
  const tags = ["events"];

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

  const putSchema = {
    tags,
    summary: "Set how many tickets of a type there are",
    description: "Creates the ticket type when the event does not have it yet.",
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
      ),
    },
  };
  app.put(
    "/inventory/:eventCode/:ticketType",
    { schema: putSchema, config: { scope: "inventory:write" } },
    async (request, reply) => {
      const { accountId, actor } = request;
      const { eventCode, ticketType } = request.params;
      const { total, price } = request.body;
      const { id: eventId } = await requireCatalogueEvent(catalogue, accountId, eventCode);
      const change = { accountId, eventId, eventCode, ticketType, total, price, actor };
      const result = await withContentionRetries(() => setInventoryTotal(db, change), countRetry);
      if (result.kind === "too-many-ticket-types") {
        throw new ProblemError(result.kind, `An event has at most ${ticketTypesMax} ticket types.`);
      }
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
