// The wire schemas of an event's books: what was sold, by ticket type and time, and the end of an export.
import { type Static, Type } from "typebox";
import { Money } from "./price.ts";
import { KnownEventCode, KnownTicketType, Nullable, Timestamp } from "./text.ts";

/** The intervals of a sales report, in seconds. */
export const salesIntervals = { minute: 60, hour: 3_600, day: 86_400 } as const;
export type SalesInterval = keyof typeof salesIntervals;

const Tickets = (description: string) => Type.Integer({ minimum: 0, description, examples: [12] });
const Amounts = (description: string) => Type.Array(Money, { description: `${description} One for each currency.` });

const movements = {
  held: Tickets("Tickets of new holds."),
  sold: Tickets("Tickets of orders that were confirmed, at once, after a hold or after a late payment."),
  soldFromHold: Tickets("Those of `sold` that were held until then."),
  released: Tickets("Held tickets that buyers gave back."),
  expired: Tickets("Held tickets whose hold expired."),
  cancelled: Tickets("Sold tickets that were given back."),
  rejected: Type.Array(
    Type.Object({
      reason: Type.String({ description: "A code of a rejection.", examples: ["sold-out"] }),
      orders: Type.Integer({ minimum: 1, description: "Rejected orders with tickets of this type.", examples: [3] }),
      tickets: Tickets("Tickets of this type that they asked for."),
    }),
    { description: "By reason." },
  ),
  revenue: Amounts("The price of `sold`, of tickets with a price."),
  refunds: Amounts("The price of `cancelled`."),
};

const Net = (description: string) => Type.Integer({ description, examples: [1200] });

/** What an event sold, by ticket type and interval. */
export const SalesReport = Type.Object(
  {
    eventCode: KnownEventCode,
    at: Timestamp("All decisions and changes of before are counted, and none after it."),
    from: Nullable(Timestamp("As requested.")),
    to: Nullable(Timestamp("As requested.")),
    interval: Type.Enum(Object.keys(salesIntervals) as SalesInterval[]),
    orders: Type.Object(
      {
        waiting: Net("On the waiting list."),
        held: Net("Held."),
        confirmed: Net("Confirmed."),
        rejected: Net("Rejected."),
        expired: Net("Expired."),
        cancelled: Net("Cancelled."),
      },
      {
        description:
          "How many more orders have each status because of the changes of this report: without `from` and `to`, how " +
          "many orders have it, as the audit counts them.",
      },
    ),
    totals: Type.Array(
      Type.Object({
        ticketType: KnownTicketType,
        netSold: Net("`sold` less `cancelled`: without `from` and `to`, what `GET /inventory` says is sold."),
        netHeld: Net(
          "`held` less `soldFromHold`, `released` and `expired`: without `from` and `to`, the tickets that are held.",
        ),
        ...movements,
      }),
      { description: "Of the whole report, by ticket type." },
    ),
    content: Type.Array(
      Type.Object({
        start: Timestamp("The beginning of the interval; days begin at midnight UTC."),
        ticketType: KnownTicketType,
        ...movements,
      }),
      { description: "By time and ticket type. Intervals in which nothing happened are left out." },
    ),
  },
  { $id: "SalesReport" },
);
export type SalesReport = Static<typeof SalesReport>;
export type SalesMovements = Omit<SalesReport["content"][number], "start" | "ticketType">;

/** The last line of an export as NDJSON. An export without it is not complete. */
export const ExportEnd = Type.Object(
  {
    end: Type.Object({
      orders: Type.Integer({ minimum: 0, description: "Orders before this line.", examples: [1200] }),
    }),
  },
  { $id: "ExportEnd" },
);
export type ExportEnd = Static<typeof ExportEnd>;
