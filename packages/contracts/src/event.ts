// The wire schemas of events.
import { type Static, Type } from "typebox";
import { Page } from "./page.ts";
import { Money, Price } from "./price.ts";
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
  { ticketType: TicketType, total: TicketTotal, price: Type.Optional(Price) },
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
  },
  { $id: "NewEvent", additionalProperties: false },
);
export type NewEvent = Static<typeof NewEvent>;

const StockOfType = Type.Object({
  ticketType: KnownTicketType,
  total: TicketTotal,
  price: Type.Optional(Type.Unsafe<Money>({ ...Money, description: "Of one ticket, if the type has a price." })),
});

/** An event in answers. */
export const Event = Type.Object(
  {
    code: KnownEventCode,
    name: Type.String(eventName),
    startTime: Timestamp("When the event begins."),
    endTime: Timestamp("When the event ends."),
    createdAt: Timestamp("When the event was created."),
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
