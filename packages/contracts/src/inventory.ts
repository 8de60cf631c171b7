import { type Static, Type } from "typebox";
import { Price } from "./price.ts";
import { ticketTypeRules } from "./sale-rules.ts";
import { KnownEventCode, KnownTicketType, TicketTotal } from "./text.ts";

/** The stock of one ticket type: `sold + held + available = total` at every read. */
export const Inventory = Type.Object(
  {
    eventCode: KnownEventCode,
    ticketType: KnownTicketType,
    total: Type.Integer({ examples: [5000] }),
    sold: Type.Integer({ description: "Tickets of confirmed orders.", examples: [1200] }),
    held: Type.Integer({ description: "Tickets of held orders: drawn, but not yet confirmed.", examples: [0] }),
    available: Type.Integer({ examples: [3800] }),
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
