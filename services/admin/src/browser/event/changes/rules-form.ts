// The form with the rules of a sale: limits, and how the waiting list is served.
import { type ComponentChild, h } from "preact";
import type { EventChanged, EventRules } from "../../../console/messages/event-messages.ts";
import { usePolled } from "../../live/use-polled.ts";
import { Failure } from "../../parts/notes.ts";
import { type Change, onSubmit, readText } from "./change.ts";

/** As the API allows. */
const orderQuantityMax = 10_000;
const offerSecondsMin = 30;
const offerSecondsMax = 3_600;

type RulesFormProps = Readonly<{ eventId: number; change: Change<EventChanged>; onDone: () => void }>;

export function RulesForm({ eventId, change, onDone }: RulesFormProps): ComponentChild {
  // Read once: what somebody is typing must not be replaced.
  const { value: rules, failure } = usePolled<EventRules>(`/api/events/${eventId}/rules`, () => null);
  if (rules === undefined) return h(Failure, { failure, hasValue: false });
  const submit = onSubmit(async (form) => {
    const body = changesOf(rules, form);
    if (Object.keys(body).length === 0) onDone();
    else if ((await change.send("rules", body)) !== undefined) onDone();
  });
  const limit = (words: string, name: "maxPerOrder" | "maxPerCustomer", disabled = false) =>
    h(
      "label",
      null,
      words,
      h("input", { type: "number", name, min: 1, max: orderQuantityMax, disabled, defaultValue: rules[name] ?? "" }),
    );
  return h(
    "form",
    { onSubmit: submit },
    limit("Tickets of an order at most; empty for no limit", "maxPerOrder"),
    limit(
      rules.canLimitCustomers
        ? "Tickets of a customer at most, over all orders; empty for no limit"
        : "Tickets of a customer at most: the admin service has no CUSTOMER_KEY for it",
      "maxPerCustomer",
      !rules.canLimitCustomers,
    ),
    h(
      "label",
      null,
      "Seconds for which an offer of the waiting list is held",
      h("input", {
        type: "number",
        name: "offerSeconds",
        min: offerSecondsMin,
        max: offerSecondsMax,
        required: true,
        defaultValue: rules.offerSeconds,
      }),
    ),
    h(
      "label",
      null,
      "Who is offered what comes back",
      h(
        "select",
        { name: "waitlistPolicy" },
        [
          ["skip", "the first in line that it is enough for"],
          ["strict", "the first in line only; nobody passes"],
        ].map(([value, words]) => h("option", { value, key: value, selected: value === rules.waitlistPolicy }, words)),
      ),
    ),
    h("button", { class: "primary", disabled: change.isSending }, "Set the rules"),
  );
}

/** Only what differs, so that a form that was open for long does not undo what others changed. */
function changesOf(rules: EventRules, form: FormData): Partial<EventRules> {
  const limitOf = (name: "maxPerOrder" | "maxPerCustomer") => {
    // A field that is disabled is missing.
    if (!form.has(name)) return rules[name];
    const text = readText(form, name);
    return text === "" ? null : Number(text);
  };
  const wanted = {
    maxPerOrder: limitOf("maxPerOrder"),
    maxPerCustomer: limitOf("maxPerCustomer"),
    offerSeconds: Number(form.get("offerSeconds")),
    waitlistPolicy: readText(form, "waitlistPolicy") === "strict" ? "strict" : "skip",
  } as const;
  return {
    ...(wanted.maxPerOrder === rules.maxPerOrder ? {} : { maxPerOrder: wanted.maxPerOrder }),
    ...(wanted.maxPerCustomer === rules.maxPerCustomer ? {} : { maxPerCustomer: wanted.maxPerCustomer }),
    ...(wanted.offerSeconds === rules.offerSeconds ? {} : { offerSeconds: wanted.offerSeconds }),
    ...(wanted.waitlistPolicy === rules.waitlistPolicy ? {} : { waitlistPolicy: wanted.waitlistPolicy }),
  };
}
