// The view that finds orders by what a buyer has in hand.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { FoundOrders } from "../../console/messages/messages.ts";
import { usePolled } from "../live/use-polled.ts";
import { Failure } from "../parts/notes.ts";
import { findOrdersHash } from "../route.ts";
import { OrderTable } from "./order-table.ts";

const typingPauseMs = 250;
const refreshMs = 5_000;

/** One search box for the customer, the idempotency key, the payment and the id of orders. */
export function FindOrdersView({ search: given }: { search: string }): ComponentChild {
  const [text, setText] = useState(given);
  const search = text.trim();
  const path = search === "" ? null : `/api/orders?q=${encodeURIComponent(search)}`;
  const { value: found, failure } = usePolled<FoundOrders>(path, () => refreshMs, typingPauseMs);
  const type = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    setText(currentTarget.value);
    // The page's address names the search, so that "back" and a reload show it again.
    history.replaceState(null, "", findOrdersHash(currentTarget.value.trim()));
  };
  return h(
    "section",
    { class: "card found-orders", "aria-label": "Find orders" },
    h(
      "form",
      { role: "search", class: "heading", onSubmit: (event: Event) => event.preventDefault() },
      h("h1", null, "Find orders"),
      h("input", {
        type: "search",
        placeholder: "Customer, key, payment or order id",
        "aria-label": "Find orders by customer reference, idempotency key, payment reference or order id",
        maxLength: 200,
        autoComplete: "off",
        value: text,
        onInput: type,
      }),
    ),
    h(Failure, { failure, hasValue: found !== undefined }),
    search === "" ? h("p", { class: "quiet" }, h(Hints, {})) : h(Found, { found, failure, search }),
  );
}

/** What to do before anything was searched for. */
function Hints(): ComponentChild {
  return [
    "Type or paste exactly what the buyer or your shop has; parts of it find nothing. ",
    "Or open an event in the ",
    h("a", { href: "#/", key: "sale" }, "overview"),
    ": it lists its newest orders, by status.",
  ];
}

type FoundProps = Readonly<{ found: FoundOrders | undefined; failure: string | undefined; search: string }>;

function Found({ found, failure, search }: FoundProps): ComponentChild {
  if (found === undefined) {
    return failure === undefined ? h("p", { class: "quiet", role: "status" }, "Searching …") : null;
  }
  if (found.orders.length === 0) {
    return h(
      "p",
      { class: "quiet", role: "status" },
      `No order has “${search}” as customer, key, payment or id. Is it complete? Parts find nothing. `,
      "A purchase that was turned away is not recorded, so it is not here either.",
    );
  }
  const count = `Only the newest ${found.orders.length} are shown.`;
  return [
    h(OrderTable, { orders: found.orders, isLoading: false, isMixed: true, key: "table" }),
    found.hasMore ? h("p", { class: "quiet small", key: "more" }, count) : null,
  ];
}
