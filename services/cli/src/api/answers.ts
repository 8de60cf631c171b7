// What the API answers. `call.ts` imports this file with the first request, and the commands only its types, because
// loading TypeBox takes longer than the rest of the program: help, bad input and the database commands do without it.
import { Activity } from "@onsale/contracts/activity";
import { Audit } from "@onsale/contracts/audit";
import { SalesReport } from "@onsale/contracts/books";
import { Event } from "@onsale/contracts/event";
import { Inventory } from "@onsale/contracts/inventory";
import { Order } from "@onsale/contracts/order";
import { Problem } from "@onsale/contracts/problem";
import { Nullable } from "@onsale/contracts/text";
import { CreatedWebhook, Delivery, RotatedSecret, Webhook } from "@onsale/contracts/webhook";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

const schemas = {
  Activity,
  Audit,
  CreatedWebhook,
  Delivery,
  Event,
  Inventory,
  /** The answer to a DELETE. */
  Nothing: Type.Undefined(),
  Order,
  Page: Type.Object({
    content: Type.Array(Type.Unknown()),
    totalElements: Type.Integer(),
    /** Missing in answers of older gateways, which count every list. */
    totalIsExact: Type.Optional(Type.Boolean()),
    nextCursor: Nullable(Type.String()),
  }),
  Problem,
  RotatedSecret,
  SalesReport,
  Stock: Type.Array(Inventory),
  Webhook,
};

export type AnswerName = keyof typeof schemas;
export type Answer<Name extends AnswerName> = Static<(typeof schemas)[Name]>;

export function isAnswer<Name extends AnswerName>(name: Name, value: unknown): value is Answer<Name> {
  return Value.Check(schemas[name], value);
}
