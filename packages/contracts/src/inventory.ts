import { type Static, Type } from "typebox";
import { Price } from "./price.ts";
import { ticketTypeRules } from "./sale-rules.ts";
import { KnownEventCode, KnownTicketType, PlainText, TicketTotal, TicketType } from "./text.ts";
import { ticketTotalMax } from "./values.ts";

/** The stock of one ticket type: `sold + held + available = total` at every read, unless a pool has less left. */
export const Inventory = Type.Object(
  {
    eventCode: KnownEventCode,
    ticketType: KnownTicketType,
    total: Type.Integer({ examples: [5000] }),
    sold: Type.Integer({ description: "Tickets of confirmed orders.", examples: [1200] }),
    held: Type.Integer({ description: "Tickets of held orders: drawn, but not yet confirmed.", examples: [0] }),
    available: Type.Integer({
      description: "What can still be bought: the least of what is left of the type and of its pools.",
      examples: [3800],
    }),
    limitedBy: Type.Optional(
      Type.String({ description: "The pool that has less left than the type itself, if one has.", examples: ["HALL"] }),
    ),
    waiting: Type.Optional(Type.Integer({ description: "Orders on the waiting list, if any.", examples: [12] })),
  },
  { $id: "Inventory" },
);
export type Inventory = Static<typeof Inventory>;

/** The body of `PUT /inventory/{eventCode}/{ticketType}`. */
export const InventoryTotal = Type.Object(
  {
    total: TicketTotal,
    price: Type.Optional(
      Type.Unsafe<Price | null>({
        ...Price,
        type: ["object", "null"],
        description: "Of one ticket, for orders from now on; null removes it, and without it the price stays.",
      }),
    ),
    ...ticketTypeRules,
  },
  { $id: "InventoryTotal", additionalProperties: false },
);
export type InventoryTotal = Static<typeof InventoryTotal>;

/** The body of `POST /inventory/{eventCode}/move`. */
export const StockMove = Type.Object(
  {
    from: Type.Unsafe<string>({ ...TicketType, description: "The ticket type that gets fewer tickets." }),
    to: Type.Unsafe<string>({ ...TicketType, description: "The ticket type that gets more." }),
    quantity: Type.Integer({ minimum: 1, maximum: ticketTotalMax, examples: [50] }),
    reason: PlainText(200, {
      description: "For the ledger and the activity log.",
      examples: ["Row 7 is standing now."],
    }),
  },
  { $id: "StockMove", additionalProperties: false },
);
export type StockMove = Static<typeof StockMove>;
