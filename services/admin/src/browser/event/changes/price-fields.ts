// The fields of a form for the price of a ticket type.
import { type ComponentChild, Fragment, h } from "preact";
import type { Money } from "../../../console/messages/messages.ts";
import { readText } from "./change.ts";
import { parsePrice, writeAmount } from "./price.ts";

/** @param price the present one; null when there is none */
export function PriceFields({ price }: Readonly<{ price: Money | null }>): ComponentChild {
  const given = price === null ? "" : writeAmount(price);
  return h(
    Fragment,
    null,
    h(
      "label",
      null,
      "Price of a ticket; empty for none",
      h("input", { name: "amount", inputMode: "decimal", autocomplete: "off", defaultValue: given }),
    ),
    h(
      "label",
      null,
      "Currency of the price, such as EUR",
      h("input", { name: "currency", maxLength: 3, autocomplete: "off", defaultValue: price?.currency ?? "" }),
    ),
  );
}

/**
 * What the fields say: null for no price. When they make no price, the field that is wrong says so, and the result is
 * undefined.
 */
export function readPrice(form: HTMLFormElement): Money | null | undefined {
  const data = new FormData(form);
  const price = parsePrice(readText(data, "amount"), readText(data, "currency"));
  const field = form.elements.namedItem("amount");
  if (price === undefined && field instanceof HTMLInputElement) {
    field.setCustomValidity("An amount such as 12.50, and a currency of three letters.");
    field.reportValidity();
    field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
  }
  return price;
}
