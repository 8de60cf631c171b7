import { type Static, Type } from "typebox";
import { Inventory } from "./inventory.ts";
import { SaleWindow } from "./sale-rules.ts";
import { KnownEventCode, Ref, Timestamp } from "./text.ts";

/** One message of an event's stream: the state of its sale. */
export const Sale = Type.Object(
  {
    eventCode: KnownEventCode,
    at: Timestamp("When this state was read, by the database's clock."),
    sale: SaleWindow,
    inventory: Type.Array(Ref(Inventory)),
    pending: Type.Integer({ minimum: 0, description: "Pending orders of the event." }),
    decidedPerSecond: Type.Number({
      minimum: 0,
      description: "Orders that got their first decision, per second, over the last seconds.",
    }),
  },
  { $id: "Sale" },
);
export type Sale = Static<typeof Sale>;
