// Confirms and cancels orders.
import { PaymentReference } from "@onsale/contracts/order";
import { PlainText, TicketType } from "@onsale/contracts/text";
import { orderLinesMax, orderQuantityMax } from "@onsale/contracts/values";
import { Type } from "typebox";
import { userName } from "../access/sessions.ts";
import type { OrderChanged } from "../console/messages/messages.ts";
import type { App } from "../http/app-type.ts";
import { Uuid } from "../http/parameters.ts";
import { strictly } from "../http/strictly.ts";
import type { OrderChanges } from "../orders/order-changes.ts";

const Params = Type.Object({ id: Uuid });
/** The version that the person saw: a second click must not cancel twice. */
const version = Type.Integer({ minimum: 1 });
const Quantity = Type.Integer({ minimum: 1, maximum: orderQuantityMax });
/** A misspelt `items` would cancel the whole order. */
const closed = { additionalProperties: false } as const;
const Confirmation = Type.Object({ version, paymentReference: Type.Optional(PaymentReference) }, closed);
const Items = Type.Array(Type.Object({ ticketType: TicketType, quantity: Quantity }, closed), {
  minItems: 1,
  maxItems: orderLinesMax,
});
const Cancellation = Type.Object(
  {
    version,
    reason: PlainText(200, { description: "For the order's history.", examples: ["The buyer asked for it."] }),
    items: Type.Optional(Items),
  },
  closed,
);

export type OrderRouteParts = Readonly<{ orderChanges: OrderChanges }>;

export function registerOrderRoutes(app: App, { orderChanges }: OrderRouteParts): void {
  const confirmSchema = { params: Params, body: Confirmation };
  app.post(
    "/api/orders/:id/confirm",
    { schema: confirmSchema, ...strictly },
    async (request): Promise<OrderChanged> => {
      const { version, paymentReference: reference = null } = request.body;
      const orderId = request.params.id.toLowerCase();
      const wish = { kind: "confirm", reference } as const;
      return { message: await orderChanges.change({ orderId, version, user: userName, wish }) };
    },
  );

  const cancelSchema = { params: Params, body: Cancellation };
  app.post("/api/orders/:id/cancel", { schema: cancelSchema, ...strictly }, async (request): Promise<OrderChanged> => {
    const { version, items = null, reason } = request.body;
    const orderId = request.params.id.toLowerCase();
    const wish = { kind: "cancel", items, reason } as const;
    return { message: await orderChanges.change({ orderId, version, user: userName, wish }) };
  });
}
