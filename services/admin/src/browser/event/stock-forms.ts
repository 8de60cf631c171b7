// The forms that change totals and move tickets.
import { type ComponentChild, h } from "preact";
import type { EventLine } from "../../console/messages.ts";
import { onSubmit, readText, useChange } from "./change.ts";

/** Something bounded whose total people change. */
export type Counter = Readonly<{ name: string; total: number; path: string }>;

/** As a ticket type may have at most. */
const totalMax = 10_000_000;
/** What is chosen while tickets are moved. */
export const moving = "move";

type StockFormsProps = Readonly<{
  line: EventLine;
  /** What gets another total; null while nothing is chosen. */
  counter: Counter | null;
  isMoving: boolean;
  choose: (key: string | null) => void;
}>;

export function StockForms({ line, counter, isMoving, choose }: StockFormsProps): ComponentChild {
  const change = useChange(line.id);
  const send = async (path: string, body: object) => {
    if ((await change.send(path, body)) !== undefined) choose(null);
  };
  const { isSending } = change;
  return h(
    "div",
    { class: "actions" },
    line.inventory.length < 2
      ? null
      : h(
          "button",
          { type: "button", "aria-expanded": isMoving, onClick: () => choose(isMoving ? null : moving) },
          "Move tickets",
        ),
    counter === null ? null : h(TotalForm, { counter, isSending, send, key: counter.path }),
    isMoving ? h(MoveForm, { line, isSending, send }) : null,
    change.note,
  );
}

type FormProps = Readonly<{ isSending: boolean; send: (path: string, body: object) => Promise<void> }>;

function TotalForm({ counter, isSending, send }: FormProps & Readonly<{ counter: Counter }>): ComponentChild {
  return h(
    "form",
    { onSubmit: onSubmit((form) => void send(counter.path, { total: Number(form.get("total")) })) },
    h(
      "label",
      null,
      `Total of ${counter.name}, with what is sold and held`,
      h("input", {
        type: "number",
        name: "total",
        min: 0,
        max: totalMax,
        required: true,
        defaultValue: String(counter.total),
      }),
    ),
    h("button", { class: "primary", disabled: isSending }, "Set the total"),
  );
}

function MoveForm({ line, isSending, send }: FormProps & Readonly<{ line: EventLine }>): ComponentChild {
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
