import { type Static, Type } from "typebox";
import { Inventory } from "./inventory.ts";
import { EventCode, Ref, Timestamp } from "./text.ts";

/** One message of an event's stream: how its sale stands. */
export const Sale = Type.Object(
  {
    eventCode: EventCode,
    at: Timestamp("When it stood so."),
    inventory: Type.Array(Ref(Inventory)),
    pending: Type.Integer({ minimum: 0, description: "Orders waiting for a decision." }),
    decidedPerSecond: Type.Number({ minimum: 0, description: "Orders decided, over the last seconds." }),
  },
  { $id: "Sale" },
);
export type Sale = Static<typeof Sale>;
