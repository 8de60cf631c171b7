// The wire schemas of events.
import { type Static, Type } from "typebox";
import { Page } from "./page.ts";
import { Price } from "./price.ts";
import { EventCode, PlainText, Ref, TicketTotal, TicketType, Timestamp } from "./text.ts";
import { ticketTypesMax } from "./values.ts";

const EventName = PlainText(200, { description: "The event's name.", examples: ["Rock Festival"] });

const StockOfType = Type.Object(
  { ticketType: TicketType, total: TicketTotal, price: Type.Optional(Price) },
  { additionalProperties: false },
);

/** The body of `POST /events`. */
export const NewEvent = Type.Object(
  {
    code: EventCode,
    name: EventName,
    startTime: Timestamp("When the event begins."),
    endTime: Timestamp("When the event ends; after startTime."),
    ticketTypes: Type.Optional(
      Type.Array(StockOfType, {
        maxItems: ticketTypesMax,
        description: "The stock of the event; PUT /inventory changes it and adds ticket types.",
      }),
    ),
  },
  { $id: "NewEvent", additionalProperties: false },
);
export type NewEvent = Static<typeof NewEvent>;

/** An event in answers. */
export const Event = Type.Object(
  {
    code: EventCode,
    name: EventName,
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
