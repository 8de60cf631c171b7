// The wire schemas of the rules of a sale: when purchases are accepted, and how large an order may be.
import { type Static, Type } from "typebox";
import { Nullable, Timestamp } from "./text.ts";
import { orderQuantityMax, saleStates } from "./values.ts";

const ruleTime = (description: string) => Type.Optional(Nullable(Timestamp(description)));

const OrderLimit = (description: string) =>
  Type.Integer({ minimum: 1, maximum: orderQuantityMax, description, examples: [4] });

/** The rules of an event, in requests. */
export const eventRules = {
  salesStart: ruleTime("From when on purchases are accepted; null for at once."),
  salesEnd: ruleTime(
    "Until when purchases are accepted, after salesStart; null for without end. A new event has its endTime.",
  ),
  maxPerOrder: Type.Optional(Nullable(OrderLimit("The most tickets that one order may ask for; null for no limit."))),
};

/** The rules of a ticket type, in requests. They come on top of the event's. */
export const ticketTypeRules = {
  salesStart: ruleTime("From when on this type is sold; null for as soon as the event's sale begins."),
  salesEnd: ruleTime("Until when this type is sold, after its salesStart; null for as long as the event's sale lasts."),
  maxPerOrder: Type.Optional(
    Nullable(OrderLimit("The most tickets of this type that one order may ask for; null for no limit.")),
  ),
};

/** The rules that a ticket type has, in answers. */
export const knownTicketTypeRules = {
  salesStart: Type.Optional(Timestamp("From when on this type is sold, if that is limited.")),
  salesEnd: Type.Optional(Timestamp("Until when this type is sold, if that is limited.")),
  maxPerOrder: Type.Optional(OrderLimit("The most tickets of this type that one order may ask for, if limited.")),
};

/** The most tickets that one order of an event may ask for, in answers. */
export const KnownOrderLimit = Nullable(
  OrderLimit("The most tickets that one order may ask for, of all types together; null for no limit."),
);

/** Whether an event is sold at the moment, by the database's clock. */
export const SaleWindow = Type.Object({
  state: Type.Enum([...saleStates], {
    description:
      "Purchases are accepted while it is `open`. It is `scheduled` before opensAt, `closed` from closesAt on.",
    examples: ["scheduled"],
  }),
  opensAt: Nullable(Timestamp("When the sale begins; null when it was never limited.")),
  closesAt: Nullable(Timestamp("When the sale ends; null when it is not limited.")),
});
export type SaleWindow = Static<typeof SaleWindow>;
