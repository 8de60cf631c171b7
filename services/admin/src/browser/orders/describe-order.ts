// An order in words.
import type { OrderLine } from "../../console/messages/messages.ts";

/** As in "2 ADULT + 1 CHILD". */
export function describeTickets(tickets: OrderLine["tickets"]): string {
  return tickets.map(({ ticketType, quantity }) => `${quantity} ${ticketType}`).join(" + ");
}

/** As in "4 BALCONY for customer-18810". */
export function titleOf({ tickets, customerRef }: Pick<OrderLine, "tickets" | "customerRef">): string {
  return customerRef === null ? describeTickets(tickets) : `${describeTickets(tickets)} for ${customerRef}`;
}
