// Holds that end without a payment in time. The time is moved, because the shortest hold lasts half a minute.
import { returnedChannel } from "@onsale/database/announcements/channels";
import fc from "fast-check";
import { sql } from "kysely";
import { until } from "../../../support/until.ts";
import { endHold } from "../../load/buyer.ts";
import { expire } from "../expect/transitions.ts";
import { type GatewayNumber, setOrder } from "../model.ts";
import type { Real } from "../real.ts";
import { pay } from "./change-order.ts";
import { gateway, type ModelCommand, nameOf, orderCommand, place } from "./command.ts";

const endedWithinMs = 60_000;

/** @param pays whether a payment comes at once, so that it may meet a hold whose end nobody has recorded */
const endHoldCommand = (drawn: number, to: GatewayNumber, pays: boolean): ModelCommand =>
  orderCommand(
    pays ? "let a hold end and pay at once" : "let a hold end",
    drawn,
    ({ status }) => status === "HELD",
    async (order, model, real) => {
      real.step(`the hold of ${nameOf(order)} ends${pays ? ", and it is paid at once" : ""}`);
      await end(real, order.id);
      const expired = expire(order);
      setOrder(model, expired);
      if (pays) await pay(expired, model, real, `${order.key}-late`, to);
    },
  );

/** Workers sleep until the next hold that they know, so they are told that this one ends earlier. */
function end({ stack: { db } }: Real, id: string): Promise<unknown> {
  return until(
    "the hold has ended",
    async () => {
      await endHold(db, id);
      return sql`SELECT pg_notify(${returnedChannel}, '')`.execute(db);
    },
    endedWithinMs,
  );
}

export const endHoldCommands = {
  endHold: fc.tuple(place, gateway, fc.boolean()).map((drawn) => endHoldCommand(...drawn)),
};
