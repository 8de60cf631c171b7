// The route that moves tickets from one ticket type to another.
import { Inventory, StockMove } from "@onsale/contracts/inventory";
import { EventCode, Ref } from "@onsale/contracts/text";
import { ticketTotalMax } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { capabilities } from "@onsale/database/statements/operations/lowest-capability";
import { moveStock } from "@onsale/database/statements/rules/move-stock";
import type { Metrics } from "@onsale/observability/metrics";
import { Type } from "typebox";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import { presentInventory } from "../catalogue/present.ts";
import type { StockReader } from "../catalogue/stock-reader.ts";
import type { App } from "../http/app-type.ts";
import { ProblemError } from "../http/problem-error.ts";
import { bodyProblems, routeProblems } from "../http/responses.ts";
import { validationProblem } from "../http/validation.ts";
import type { Capability } from "../purchase/capability.ts";
import { rulesProblem } from "../purchase/rule-problems.ts";
import { unknownType } from "../purchase/terms.ts";

export type MoveRouteParts = Readonly<{
  db: Db;
  catalogue: Catalogue;
  stockReader: StockReader;
  capability: Pick<Capability, "require">;
  metrics: Metrics;
}>;

export function registerMoveRoute(app: App, parts: MoveRouteParts): void {
  const { db, catalogue, stockReader, capability, metrics } = parts;
  const retries = metrics.counter("db_transaction_retries_total");
  const schema = {
    tags: ["stock"],
    operationId: "moveStock",
    summary: "Move tickets from one ticket type to another",
    description: "Only tickets that nobody has. The answer is the stock of both types.",
    params: Type.Object({ eventCode: EventCode }),
    body: Ref(StockMove),
    response: {
      200: Type.Array(Ref(Inventory)),
      ...routeProblems(
        ...bodyProblems,
        "event-not-found",
        "ticket-type-not-found",
        "event-cancelled",
        "total-below-allocated",
        "upgrade-in-progress",
      ),
    },
  };
  app.post("/inventory/:eventCode/move", { schema, config: { scope: "inventory:write" } }, async (request) => {
    const { accountId, actor, body } = request;
    const { from, to, quantity } = body;
    if (from === to) throw validationProblem([{ pointer: "/to", detail: "must differ from from" }]);
    capability.require(capabilities.rules);
    const event = await requireCatalogueEvent(catalogue, accountId, request.params.eventCode);
    const owner = { accountId, eventId: event.id, eventCode: event.code, actor, reason: body.reason };
    const move = () => moveStock(db, owner, body, ticketTotalMax);
    const result = await withContentionRetries(move, (sqlstate) => retries.inc({ sqlstate })).catch((error) => {
      throw rulesProblem(error);
    });
    switch (result.kind) {
      case "unknown-ticket-type":
        throw unknownType(event, result.ticketType);
      case "too-few": {
        const detail = `Only ${result.available} tickets of ${from} are not allocated, so ${quantity} cannot move.`;
        throw new ProblemError("total-below-allocated", detail);
      }
      case "too-many":
        throw validationProblem([
          { pointer: "/quantity", detail: `would give ${to} more than ${ticketTotalMax} tickets` },
        ]);
      case "moved":
    }
    catalogue.forget(accountId, event.code);
    stockReader.forget(event.id);
    const rows = await stockReader.read(event.id);
    const both = rows.filter(({ ticketType }) => ticketType === from || ticketType === to);
    return both.map((row) => presentInventory(event.code, row));
  });
}
