// The sale of an event: its state, and the buttons that open, pause and close it, change its times and rules, and
// cancel the event.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { EventChanged } from "../../console/messages/event-messages.ts";
import type { EventLine, SaleState } from "../../console/messages/messages.ts";
import { CancelForm, Cancellation } from "./cancellation.ts";
import { type Change, onSubmit, readText, useChange } from "./changes/change.ts";
import { RulesForm } from "./changes/rules-form.ts";
import { describeSale, nameSale } from "./describe-sale.ts";
import { SaleTag } from "./sale-tag.ts";

type Step = "none" | "times" | "rules" | "cancel";

/** What can be done at once in each state: the words of the button, and the action. */
const actions: Readonly<Record<SaleState, readonly (readonly [words: string, action: string])[]>> = {
  scheduled: [
    ["Open now", "open"],
    ["Pause", "pause"],
  ],
  open: [
    ["Pause", "pause"],
    ["Close now", "close"],
  ],
  paused: [
    ["Resume", "resume"],
    ["Close now", "close"],
  ],
  closed: [["Open again", "open"]],
  cancelled: [],
};

type SaleCardProps = Readonly<{ line: EventLine; nowMs: number; isReadOnly: boolean }>;

export function SaleCard({ line, nowMs, isReadOnly }: SaleCardProps): ComponentChild {
  return h(
    "section",
    { class: "card actions sale", "aria-label": "Sale" },
    h(
      "div",
      { class: "state" },
      h("h2", null, "Sale"),
      h(SaleTag, { state: line.saleState, name: nameSale(line, nowMs) }),
      h("span", { class: "quiet" }, describeSale(line, nowMs)),
    ),
    line.saleState === "cancelled" ? h(Cancellation, { eventId: line.id }) : null,
    isReadOnly ? null : h(SaleActions, { line }),
  );
}

function SaleActions({ line }: Readonly<{ line: EventLine }>): ComponentChild {
  const [step, setStep] = useState<Step>("none");
  const change = useChange(line.id);
  const close = () => setStep("none");
  const toggle = (words: string, next: Step) =>
    h(
      "button",
      { type: "button", "aria-expanded": step === next, onClick: () => setStep(step === next ? "none" : next) },
      words,
    );
  const act = (action: string) => {
    close();
    void change.send("sale", { action });
  };
  if (line.saleState === "cancelled") return change.note;
  return [
    h(
      "div",
      { class: "buttons", key: "buttons" },
      actions[line.saleState].map(([words, action]) =>
        h("button", { type: "button", key: action, onClick: () => act(action), disabled: change.isSending }, words),
      ),
      toggle("Change times", "times"),
      toggle("Change rules", "rules"),
      toggle("Cancel the event", "cancel"),
    ),
    step === "times" ? h(TimesForm, { line, change, onDone: close, key: "times" }) : null,
    step === "rules" ? h(RulesForm, { eventId: line.id, change, onDone: close, key: "rules" }) : null,
    step === "cancel" ? h(CancelForm, { line, change, onDone: close, key: "cancel" }) : null,
    change.note,
  ];
}

type FormProps = Readonly<{ line: EventLine; change: Change<EventChanged>; onDone: () => void }>;

function TimesForm({ line, change, onDone }: FormProps): ComponentChild {
  const submit = onSubmit(async (form) => {
    const timeOf = (name: string) => {
      const text = readText(form, name);
      return text === "" ? null : new Date(text).toISOString();
    };
    const body = { salesStart: timeOf("salesStart"), salesEnd: timeOf("salesEnd") };
    if ((await change.send("window", body)) !== undefined) onDone();
  });
  const field = (words: string, name: string, at: string | null) =>
    h(
      "label",
      null,
      words,
      h("input", { type: "datetime-local", step: 1, name, defaultValue: at === null ? "" : toLocal(at) }),
    );
  return h(
    "form",
    { onSubmit: submit },
    h("p", { class: "quiet small" }, "In the time zone of this browser; an empty time is none."),
    field("The sale opens", "salesStart", line.opensAt),
    field("The sale closes", "salesEnd", line.closesAt),
    h("button", { class: "primary", disabled: change.isSending }, "Set the times"),
  );
}

/** As an input of local time takes it. */
function toLocal(at: string): string {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
