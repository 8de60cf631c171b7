// Opens, pauses and closes sales; changes their rules, totals, prices, pools and access codes; cancels events.
import { NewAccessCodes } from "@onsale/contracts/access-code";
import { StockMove } from "@onsale/contracts/inventory";
import { Price } from "@onsale/contracts/price";
import { eventRules, PoolName } from "@onsale/contracts/sale-rules";
import { EventCode, Nullable, PlainText, TicketTotal, TicketType, Timestamp } from "@onsale/contracts/text";
import { Type } from "typebox";
import { userName } from "../access/sessions.ts";
import type { CreatedCodes, EventChanged } from "../console/messages/event-messages.ts";
import type { CodeChanges } from "../events/code-changes.ts";
import { type EventChanges, saleActions } from "../events/event-changes.ts";
import type { StockChanges } from "../events/stock-changes.ts";
import type { App } from "../http/app-type.ts";
import { EventId } from "../http/parameters.ts";
import { strictly } from "../http/strictly.ts";

const closed = { additionalProperties: false } as const;
const params = Type.Object({ id: EventId });
const codeId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const SaleChange = Type.Object({ action: Type.Enum([...saleActions]) }, closed);
const saleTime = Nullable(Timestamp("null for none."));
const Window = Type.Object({ salesStart: saleTime, salesEnd: saleTime }, closed);
const { maxPerOrder, maxPerCustomer, offerSeconds, waitlistPolicy } = eventRules;
const Rules = Type.Object({ maxPerOrder, maxPerCustomer, offerSeconds, waitlistPolicy }, closed);
const NewTotal = Type.Object({ total: TicketTotal }, closed);
const stock = { total: TicketTotal, price: Type.Optional(Nullable(Price)) };
const NewStock = Type.Object(stock, closed);
const NewTicketType = Type.Object(
  { ticketType: TicketType, ...stock, pools: Type.Optional(Type.Array(PoolName, { uniqueItems: true })) },
  closed,
);
const Cancellation = Type.Object(
  {
    reason: PlainText(200, { description: "For the histories of its orders.", examples: ["The band is ill."] }),
    code: EventCode,
  },
  closed,
);

export type EventChangeRouteParts = Readonly<{
  eventChanges: EventChanges;
  stockChanges: StockChanges;
  codeChanges: CodeChanges;
}>;

export function registerEventChangeRoutes(app: App, parts: EventChangeRouteParts): void {
  registerSaleRoutes(app, parts);
  registerStockRoutes(app, parts);
  registerCodeRoutes(app, parts);
}

const changedEvent = (request: Readonly<{ params: Readonly<{ id: number }> }>) => {
  return { eventId: request.params.id, user: userName };
};

function registerSaleRoutes(app: App, { eventChanges }: EventChangeRouteParts): void {
  const saleSchema = { params, body: SaleChange };
  app.post("/api/events/:id/sale", { schema: saleSchema, ...strictly }, async (request): Promise<EventChanged> => {
    return { message: await eventChanges.changeSale(changedEvent(request), request.body.action) };
  });

  const windowSchema = { params, body: Window };
  app.post("/api/events/:id/window", { schema: windowSchema, ...strictly }, async (request): Promise<EventChanged> => {
    const dateOf = (text: string | null) => (text === null ? null : new Date(text));
    const { salesStart, salesEnd } = request.body;
    const window = { salesStart: dateOf(salesStart), salesEnd: dateOf(salesEnd) };
    return { message: await eventChanges.changeWindow(changedEvent(request), window) };
  });

  const rulesSchema = { params, body: Rules };
  app.post("/api/events/:id/rules", { schema: rulesSchema, ...strictly }, async (request): Promise<EventChanged> => {
    return { message: await eventChanges.changeRules(changedEvent(request), request.body) };
  });

  const cancelSchema = { params, body: Cancellation };
  app.post("/api/events/:id/cancel", { schema: cancelSchema, ...strictly }, async (request): Promise<EventChanged> => {
    const { reason, code } = request.body;
    return { message: await eventChanges.cancel(changedEvent(request), reason, code) };
  });
}

function registerStockRoutes(app: App, { stockChanges }: EventChangeRouteParts): void {
  const totalSchema = { params: Type.Object({ id: EventId, ticketType: TicketType }), body: NewStock };
  const totalPath = "/api/events/:id/ticket-types/:ticketType";
  app.post(totalPath, { schema: totalSchema, ...strictly }, async (request): Promise<EventChanged> => {
    const { params, body } = request;
    return { message: await stockChanges.changeTotal(changedEvent(request), params.ticketType, body) };
  });

  const newSchema = { params, body: NewTicketType };
  const newPath = "/api/events/:id/ticket-types";
  app.post(newPath, { schema: newSchema, ...strictly }, async (request): Promise<EventChanged> => {
    return { message: await stockChanges.addTicketType(changedEvent(request), request.body) };
  });

  const poolSchema = { params: Type.Object({ id: EventId, pool: PoolName }), body: NewTotal };
  const poolPath = "/api/events/:id/pools/:pool";
  app.post(poolPath, { schema: poolSchema, ...strictly }, async (request): Promise<EventChanged> => {
    const { params, body } = request;
    return { message: await stockChanges.changePool(changedEvent(request), params.pool, body.total) };
  });

  const moveSchema = { params, body: StockMove };
  app.post("/api/events/:id/moves", { schema: moveSchema, ...strictly }, async (request): Promise<EventChanged> => {
    return { message: await stockChanges.move(changedEvent(request), request.body) };
  });
}

function registerCodeRoutes(app: App, { codeChanges }: EventChangeRouteParts): void {
  const createSchema = { params, body: NewAccessCodes };
  const codesPath = "/api/events/:id/access-codes";
  app.post(codesPath, { schema: createSchema, ...strictly }, async (request): Promise<CreatedCodes> => {
    const codes = await codeChanges.create(changedEvent(request), request.body);
    const what = codes.length === 1 ? "The code is" : `${codes.length} codes are`;
    return { codes, message: `${what} made. Copy now: only hashes are stored.` };
  });

  const revokeSchema = { params: Type.Object({ id: EventId, codeId }) };
  const revokePath = "/api/events/:id/access-codes/:codeId/revoke";
  app.post(revokePath, { schema: revokeSchema, ...strictly }, async (request): Promise<EventChanged> => {
    const { id, hint } = await codeChanges.revoke(changedEvent(request), request.params.codeId);
    return {
      message: `The code ${hint === null ? `number ${id}` : `that ends with ${hint}`} is revoked; orders that used it keep their tickets.`,
    };
  });
}
