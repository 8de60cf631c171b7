// The wire schemas of the rules of a sale: when purchases are accepted, and how large an order may be.
import { type Static, Type } from "typebox";
import { Nullable, TicketTotal, Timestamp } from "./text.ts";
import {
  holdSecondsMax,
  holdSecondsMin,
  offerSecondsDefault,
  orderQuantityMax,
  poolsMax,
  saleStates,
  ticketTypePattern,
  visibilities,
  waitlistPolicies,
} from "./values.ts";

const poolName = { description: "A pool's name.", examples: ["HALL"] };
export const PoolName = Type.String({ pattern: ticketTypePattern, ...poolName });

const ruleTime = (description: string) => Type.Optional(Nullable(Timestamp(description)));

const OrderLimit = (description: string) =>
  Type.Integer({ minimum: 1, maximum: orderQuantityMax, description, examples: [4] });

/** The rules of an event, in requests. */
export const eventRules = {
  salesStart: ruleTime("From when on purchases are accepted; null for at once."),
  salesEnd: ruleTime(
    "Until when purchases are accepted, after salesStart; null for without end. A new event has its endTime, if that is to come.",
  ),
  maxPerOrder: Type.Optional(Nullable(OrderLimit("The most tickets that one order may ask for; null for no limit."))),
  maxPerCustomer: Type.Optional(
    Nullable(
      OrderLimit(
        "The most tickets that one customer may have, by customerRef, over all their orders; null for no limit. Who " +
          "has more already keeps it.",
      ),
    ),
  ),
  pools: Type.Optional(
    Type.Array(Type.Object({ name: PoolName, total: TicketTotal }, { additionalProperties: false }), {
      maxItems: poolsMax,
      description: "Capacity that several ticket types share. Pools that are not named stay as they are.",
    }),
  ),
  offerSeconds: Type.Optional(
    Type.Integer({
      minimum: holdSecondsMin,
      maximum: holdSecondsMax,
      description: `For how long an offer of the waiting list is held; ${offerSecondsDefault} when it is not set.`,
      examples: [offerSecondsDefault],
    }),
  ),
  waitlistPolicy: Type.Optional(
    Type.Enum([...waitlistPolicies], {
      description:
        "skip: what comes back is offered to the first in line that it is enough for. strict: nobody passes the first " +
        "in line, and newcomers queue behind.",
      examples: ["skip"],
    }),
  ),
};

/** The rules of a ticket type, in requests. They come on top of the event's. */
export const ticketTypeRules = {
  salesStart: ruleTime("From when on this type is sold; null for as soon as the event's sale begins."),
  salesEnd: ruleTime("Until when this type is sold, after its salesStart; null for as long as the event's sale lasts."),
  maxPerOrder: Type.Optional(
    Nullable(OrderLimit("The most tickets of this type that one order may ask for; null for no limit.")),
  ),
  maxPerCustomer: Type.Optional(
    Nullable(OrderLimit("The most tickets of this type that one customer may have; null for no limit.")),
  ),
  pools: Type.Optional(
    Type.Array(PoolName, { maxItems: poolsMax, description: "All pools of the event that this type draws on." }),
  ),
  visibility: Type.Optional(
    Type.Enum([...visibilities], { description: "code: sold with an access code only, and not listed without one." }),
  ),
};

/** The rules that a ticket type has, in answers. */
export const knownTicketTypeRules = {
  salesStart: Type.Optional(Timestamp("From when on this type is sold, if that is limited.")),
  salesEnd: Type.Optional(Timestamp("Until when this type is sold, if that is limited.")),
  maxPerOrder: Type.Optional(OrderLimit("The most tickets of this type that one order may ask for, if limited.")),
  maxPerCustomer: Type.Optional(OrderLimit("The most tickets of this type that one customer may have, if limited.")),
  pools: Type.Optional(
    Type.Array(Type.String(poolName), { description: "The pools that this type draws on, if any." }),
  ),
  visibility: Type.Optional(Type.Enum([...visibilities], { description: "code, if it is hidden." })),
};

/** The rules of an event that the lane keeps, in answers. */
export const knownEventRules = {
  maxPerCustomer: Nullable(OrderLimit("The most tickets that one customer may have; null for no limit.")),
  pools: Type.Array(
    Type.Object({
      name: Type.String(poolName),
      total: Type.Integer({ examples: [5000] }),
      available: Type.Integer({ description: "Tickets that can still be drawn from it.", examples: [3800] }),
    }),
  ),
  offerSeconds: Type.Integer({ examples: [offerSecondsDefault] }),
  waitlistPolicy: Type.Enum([...waitlistPolicies], { examples: ["skip"] }),
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
