// The wire schemas of events.
import { type Static, Type } from "typebox";
import { Page } from "./page.ts";
import { Money, Price } from "./price.ts";
import {
  eventRules,
  KnownOrderLimit,
  knownEventRules,
  knownTicketTypeRules,
  SaleWindow,
  ticketTypeRules,
} from "./sale-rules.ts";
import {
  EventCode,
  KnownEventCode,
  KnownTicketType,
  PlainText,
  Ref,
  TicketTotal,
  TicketType,
  Timestamp,
} from "./text.ts";
import { ticketTypesMax } from "./values.ts";

const eventName = { description: "The event's name.", examples: ["Rock Festival"] };

const NewStock = Type.Object(
  { ticketType: TicketType, total: TicketTotal, price: Type.Optional(Price), ...ticketTypeRules },
  { additionalProperties: false },
);

/** The body of `POST /events`. */
export const NewEvent = Type.Object(
  {
    code: EventCode,
    name: PlainText(200, eventName),
    startTime: Timestamp("When the event begins."),
    endTime: Timestamp("When the event ends; after startTime."),
    ticketTypes: Type.Optional(
      Type.Array(NewStock, {
        maxItems: ticketTypesMax,
        description: "The stock of the event; PUT /inventory changes it and adds ticket types.",
      }),
    ),
    ...eventRules,
  },
  { $id: "NewEvent", additionalProperties: false },
);
export type NewEvent = Static<typeof NewEvent>;

/** The body of `PATCH /events/{code}`: only the fields that change. */
export const EventChange = Type.Object(
  {
    name: Type.Optional(PlainText(200, eventName)),
    startTime: Type.Optional(Timestamp("When the event begins.")),
    endTime: Type.Optional(Timestamp("When the event ends; salesEnd stays as it is.")),
    paused: Type.Optional(
      Type.Boolean({ description: "True refuses purchases until it is false again; holds and confirms go on." }),
    ),
    ...eventRules,
  },
  {
    $id: "EventChange",
    additionalProperties: false,
    minProperties: 1,
    examples: [{ paused: true }, { salesStart: "2026-12-01T09:00:00Z", maxPerOrder: 4 }],
  },
);
export type EventChange = Static<typeof EventChange>;

const StockOfType = Type.Object({
  ticketType: KnownTicketType,
  total: TicketTotal,
  price: Type.Optional(Type.Unsafe<Money>({ ...Money, description: "Of one ticket, if the type has a price." })),
  ...knownTicketTypeRules,
});

/** An event in answers. */
export const Event = Type.Object(
  {
    code: KnownEventCode,
    name: Type.String(eventName),
    startTime: Timestamp("When the event begins."),
    endTime: Timestamp("When the event ends."),
    createdAt: Timestamp("When the event was created."),
    sale: SaleWindow,
    maxPerOrder: KnownOrderLimit,
    ...knownEventRules,
    ticketTypes: Type.Array(StockOfType),
    links: Type.Object({
      self: Type.String({ examples: ["/api/v1/events/EVNT-ROCK-2025"] }),
      inventory: Type.String({ examples: ["/api/v1/inventory/EVNT-ROCK-2025"] }),
    }),
  },
  { $id: "Event" },
);
export type Event = Static<typeof Event>;

export const EventPage = Page("EventPage", Ref(Event));
export type EventPage = Static<typeof EventPage>;
