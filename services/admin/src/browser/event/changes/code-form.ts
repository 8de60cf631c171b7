// The form that makes access codes.
import { type ComponentChild, h } from "preact";
import type { EventLine } from "../../../console/messages/messages.ts";
import { onSubmit, readText } from "./change.ts";

/** As the API allows. */
const codesMax = 1_000;
const usesMax = 1_000_000;
const orderQuantityMax = 10_000;

type CodeFormProps = Readonly<{ line: EventLine; isSending: boolean; onSend: (body: object) => void }>;

export function CodeForm({ line, isSending, onSend }: CodeFormProps): ComponentChild {
  const submit = onSubmit((form) => {
    const own = readText(form, "code");
    const limit = readText(form, "maxPerOrder");
    onSend({
      ...(own === "" ? { count: Number(form.get("count")) } : { code: own }),
      ticketTypes: form.getAll("ticketTypes").map(String),
      maxUses: Number(form.get("maxUses")),
      ...(limit === "" ? {} : { maxPerOrder: Number(limit) }),
    });
  });
  const numberField = (words: string, name: string, max: number, given: string) =>
    h(
      "label",
      null,
      words,
      h("input", { type: "number", name, min: 1, max, required: given !== "", defaultValue: given }),
    );
  return h(
    "form",
    { onSubmit: submit },
    h(
      "fieldset",
      null,
      h("legend", null, "The codes open"),
      line.inventory.map(({ ticketType, isHidden }) =>
        h(
          "label",
          { class: "choice", key: ticketType },
          h("input", { type: "checkbox", name: "ticketTypes", value: ticketType, defaultChecked: isHidden === true }),
          ticketType,
        ),
      ),
    ),
    numberField("How many codes, each of 80 random bits", "count", codesMax, "1"),
    h(
      "label",
      null,
      "Or one code of your own",
      h("input", { name: "code", minLength: 6, maxLength: 64, autocomplete: "off", spellcheck: false }),
    ),
    numberField("Orders that may use a code at a time", "maxUses", usesMax, "1"),
    numberField("Tickets of such an order at most; empty for the usual limits", "maxPerOrder", orderQuantityMax, ""),
    h("button", { class: "primary", disabled: isSending }, "Make the codes"),
  );
}
