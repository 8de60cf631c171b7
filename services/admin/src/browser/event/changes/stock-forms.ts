// The buttons and forms that change totals and prices, move tickets, and add ticket types.
import { type ComponentChild, h } from "preact";
import type { EventLine } from "../../../console/messages/messages.ts";
import { onSubmit, readText, useChange } from "./change.ts";
import { type Counter, type FormProps, NewTypeForm, TotalForm, totalMax } from "./total-form.ts";

/** What is chosen while tickets are moved, or a ticket type is added. */
export const moving = "move";
export const adding = "add";

type StockFormsProps = Readonly<{
  line: EventLine;
  /** What gets another total; null while nothing is chosen. */
  counter: Counter | null;
  chosen: string | null;
  choose: (key: string | null) => void;
}>;

export function StockForms({ line, counter, chosen, choose }: StockFormsProps): ComponentChild {
  const change = useChange(line.id);
  const send = async (path: string, body: object) => {
    if ((await change.send(path, body)) !== undefined) choose(null);
  };
  const { isSending } = change;
  const toggle = (words: string, key: string) =>
    h(
      "button",
      { type: "button", "aria-expanded": chosen === key, onClick: () => choose(chosen === key ? null : key) },
      words,
    );
  return h(
    "div",
    { class: "actions" },
    h(
      "div",
      { class: "buttons" },
      line.inventory.length < 2 ? null : toggle("Move tickets", moving),
      toggle("Add a ticket type", adding),
    ),
    counter === null ? null : h(TotalForm, { line, counter, isSending, send, key: counter.path }),
    chosen === moving ? h(MoveForm, { line, isSending, send }) : null,
    chosen === adding ? h(NewTypeForm, { line, isSending, send }) : null,
    change.note,
  );
}

function MoveForm({ line, isSending, send }: FormProps): ComponentChild {
  const names = line.inventory.map(({ ticketType }) => ticketType);
  const submit = onSubmit((form) => {
    const [from, to, reason] = ["from", "to", "reason"].map((name) => readText(form, name));
    void send("moves", { from, to, quantity: Number(form.get("quantity")), reason });
  });
  const select = (words: string, name: string, chosen: string | undefined) =>
    h(
      "label",
      null,
      words,
      h(
        "select",
        { name },
        names.map((value) => h("option", { value, key: value, selected: value === chosen }, value)),
      ),
    );
  return h(
    "form",
    { onSubmit: submit },
    select("From", "from", names[0]),
    select("To", "to", names[1]),
    h(
      "label",
      null,
      "Tickets, of those that nobody has",
      h("input", { type: "number", name: "quantity", min: 1, max: totalMax, required: true }),
    ),
    h("label", null, "Reason, for the ledger", h("input", { name: "reason", maxLength: 200, required: true })),
    h("button", { class: "primary", disabled: isSending }, "Move the tickets"),
  );
}
