// The head of an event's waiting list.
import { type ComponentChild, h } from "preact";
import type { WaitingHead } from "../../console/messages/event-messages.ts";
import type { EventLine } from "../../console/messages/messages.ts";
import { formatCount, formatSeconds } from "../format.ts";
import { usePolled } from "../live/use-polled.ts";
import { Failure } from "../parts/notes.ts";
import { number, table, text } from "../parts/table.ts";

const refreshMs = 2_000;

/** Orders are taken off the list where all orders are cancelled: in their own view. */
export function WaitingList({ line }: Readonly<{ line: EventLine }>): ComponentChild {
  const { value: head, failure } = usePolled<WaitingHead>(`/api/events/${line.id}/waiting`, () => refreshMs);
  const waited = line.inventory.filter(({ waiting }) => waiting !== undefined);
  return h(
    "section",
    { class: "card waiting", "aria-label": "Waiting list" },
    h("h2", null, "Waiting list"),
    h(Failure, { failure, hasValue: head !== undefined }),
    waited.length === 0
      ? null
      : h(
          "p",
          { class: "counts quiet small" },
          waited.map(({ ticketType, waiting = 0 }) =>
            h("span", { key: ticketType }, `${formatCount(waiting)} for ${ticketType}`),
          ),
        ),
    head === undefined ? null : drawHead(head),
  );
}

function drawHead({ orders, hasMore }: WaitingHead): ComponentChild {
  if (orders.length === 0) return h("p", { class: "quiet", role: "status" }, "Nobody waits.");
  const rows = orders.map(({ id, tickets, customerRef, ageSeconds }, index) => ({
    key: id,
    cells: [
      number(String(index + 1)),
      text(
        h("a", { href: `#/orders/${id}`, title: id }, customerRef === null ? tickets : `${tickets} for ${customerRef}`),
      ),
      number(formatSeconds(ageSeconds)),
    ],
  }));
  return [
    h(
      "div",
      { class: "scrolling", tabIndex: 0, role: "group", "aria-label": "Waiting list", key: "orders" },
      table(["Place", "Tickets", "Waits for"], rows),
    ),
    h(
      "p",
      { class: "quiet small", key: "more" },
      hasMore ? `These are the first ${orders.length}. ` : "",
      "An order that is cancelled leaves the list.",
    ),
  ];
}
