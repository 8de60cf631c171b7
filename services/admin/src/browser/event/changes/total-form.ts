// The forms that set the total of a ticket type or a pool, with the price of a ticket type, and that add a ticket type.
import { type ComponentChild, h } from "preact";
import type { EventRules } from "../../../console/messages/event-messages.ts";
import type { EventLine, Money } from "../../../console/messages/messages.ts";
import { usePolled } from "../../live/use-polled.ts";
import { Failure } from "../../parts/notes.ts";
import { onSubmitForm, readText } from "./change.ts";
import { PriceFields, readPrice } from "./price-fields.ts";

/** As a ticket type may have at most. */
export const totalMax = 10_000_000;

/** Something bounded whose total people change; a pool has no ticket type, and no price. */
export type Counter = Readonly<{ name: string; total: number; path: string; ticketType: string | null }>;

export type FormProps = Readonly<{
  line: EventLine;
  isSending: boolean;
  send: (path: string, body: object) => Promise<void>;
}>;

function totalField(words: string, total: string): ComponentChild {
  return h(
    "label",
    null,
    words,
    h("input", { type: "number", name: "total", min: 0, max: totalMax, required: true, defaultValue: total }),
  );
}

export function TotalForm({ line, counter, isSending, send }: FormProps & Readonly<{ counter: Counter }>) {
  const { ticketType, path, total, name } = counter;
  // Read once: what somebody is typing must not be replaced.
  const { value: rules, failure } = usePolled<EventRules>(
    ticketType === null ? null : `/api/events/${line.id}/rules`,
    () => null,
  );
  if (ticketType !== null && rules === undefined) return h(Failure, { failure, hasValue: false });
  const before = ticketType === null ? null : (rules?.prices[ticketType] ?? null);
  const submit = onSubmitForm((form, data) => {
    const price = ticketType === null ? null : readPrice(form);
    if (price === undefined) return;
    const isSame = price?.amount === before?.amount && price?.currency === before?.currency;
    void send(path, { total: Number(data.get("total")), ...(isSame ? {} : { price }) });
  });
  return h(
    "form",
    { onSubmit: submit },
    totalField(`Total of ${name}, with what is sold and held`, String(total)),
    ticketType === null ? null : h(PriceFields, { price: before }),
    h(
      "button",
      { class: "primary", disabled: isSending },
      ticketType === null ? "Set the total" : "Set total and price",
    ),
  );
}

export function NewTypeForm({ line, isSending, send }: FormProps): ComponentChild {
  const submit = onSubmitForm((form, data) => {
    const price: Money | null | undefined = readPrice(form);
    if (price === undefined) return;
    const pools = data.getAll("pools").map(String);
    void send("ticket-types", {
      ticketType: readText(data, "ticketType"),
      total: Number(data.get("total")),
      ...(price === null ? {} : { price }),
      ...(pools.length === 0 ? {} : { pools }),
    });
  });
  return h(
    "form",
    { onSubmit: submit },
    h(
      "label",
      null,
      "Name of the ticket type, such as STANDARD",
      h("input", { name: "ticketType", maxLength: 64, required: true, autocomplete: "off", spellcheck: false }),
    ),
    totalField("Total", ""),
    h(PriceFields, { price: null }),
    line.pools.length === 0
      ? null
      : h(
          "fieldset",
          null,
          h("legend", null, "It draws on the pools"),
          line.pools.map(({ name }) =>
            h(
              "label",
              { class: "choice", key: name },
              h("input", { type: "checkbox", name: "pools", value: name }),
              name,
            ),
          ),
        ),
    h("button", { class: "primary", disabled: isSending }, "Add the ticket type"),
  );
}
