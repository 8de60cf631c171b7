// The buttons that confirm an order or cancel it, whole or some of its tickets.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { OrderChanged, OrderDetail } from "../../console/messages/messages.ts";
import { postJson } from "../live/requests.ts";

type OrderActionsProps = Readonly<{ detail: OrderDetail; onChanged: () => void }>;
type Step = "none" | "confirm" | "cancel";

/** EXPIRED orders can be confirmed too: that is a late payment. */
const confirmable = new Set(["HELD", "EXPIRED"]);
/** A waiting order that is cancelled leaves the waiting list. */
const cancellable = new Set(["WAITING", "HELD", "CONFIRMED"]);

/** Nothing when the order's status allows neither. */
export function OrderActions({ detail, onChanged }: OrderActionsProps): ComponentChild {
  const { status } = detail.order;
  const [step, setStep] = useState<Step>("none");
  const [message, setMessage] = useState("");
  const canConfirm = confirmable.has(status);
  const canCancel = cancellable.has(status);
  if (!canConfirm && !canCancel && message === "") return null;

  const open = (next: Step) => {
    setMessage("");
    setStep(next);
  };
  const send = async (action: string, body: object) => {
    const path = `/api/orders/${detail.order.id}/${action}`;
    const result = await postJson<OrderChanged>(path, { version: detail.order.version, ...body });
    setMessage(result.ok ? result.value.message : result.message);
    setStep("none");
    onChanged();
  };
  const button = (words: string, next: Step) =>
    h("button", { type: "button", "aria-expanded": step === next, onClick: () => open(next) }, words);
  return h(
    "section",
    { class: "card actions", "aria-label": "Change this order" },
    h(
      "div",
      { class: "buttons" },
      canConfirm ? button(status === "EXPIRED" ? "Confirm late" : "Confirm", "confirm") : null,
      canCancel ? button("Cancel", "cancel") : null,
    ),
    step === "confirm" && canConfirm ? h(ConfirmForm, { onSend: (body) => send("confirm", body) }) : null,
    step === "cancel" && canCancel ? h(CancelForm, { detail, onSend: (body) => send("cancel", body) }) : null,
    h("p", { class: "note small", role: "status" }, message),
  );
}

type FormProps = Readonly<{ onSend: (body: object) => Promise<void> }>;

/** Sends a form's fields once, and not again while the answer is awaited. */
function useSending(onSend: FormProps["onSend"], read: (form: FormData) => object) {
  const [isSending, setSending] = useState(false);
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isSending || !(event.currentTarget instanceof HTMLFormElement)) return;
    setSending(true);
    void onSend(read(new FormData(event.currentTarget)));
  };
  return { isSending, onSubmit };
}

function ConfirmForm({ onSend }: FormProps): ComponentChild {
  const { isSending, onSubmit } = useSending(onSend, (form) => {
    const paymentReference = String(form.get("reference") ?? "").trim();
    return paymentReference === "" ? {} : { paymentReference };
  });
  return h(
    "form",
    { onSubmit },
    h(
      "label",
      null,
      "Payment reference, if there is one",
      h("input", { name: "reference", maxLength: 128, spellcheck: false, autocomplete: "off" }),
    ),
    h("button", { class: "primary", disabled: isSending }, "Confirm the order"),
  );
}

function CancelForm({
  detail: { items, order },
  onSend,
}: FormProps & Readonly<{ detail: OrderDetail }>): ComponentChild {
  const { isSending, onSubmit } = useSending(onSend, (form) => {
    const reason = String(form.get("reason") ?? "").trim();
    const returned = items.flatMap(({ ticketType }) => {
      const quantity = Number(form.get(`items ${ticketType}`));
      return quantity > 0 ? { ticketType, quantity } : [];
    });
    const isWhole = items.every(({ ticketType, quantity }) =>
      returned.some((line) => line.ticketType === ticketType && line.quantity === quantity),
    );
    return isWhole ? { reason } : { reason, items: returned };
  });
  const isWaiting = order.status === "WAITING";
  return h(
    "form",
    { onSubmit },
    items.map(({ ticketType, quantity }) =>
      h(
        "label",
        { key: ticketType },
        `${ticketType} ${isWaiting ? "to wait for no longer" : "to give back"}, of ${quantity}`,
        h("input", {
          type: "number",
          name: `items ${ticketType}`,
          min: items.length === 1 ? 1 : 0,
          max: quantity,
          defaultValue: String(quantity),
          required: true,
        }),
      ),
    ),
    h("label", null, "Reason, for the order's history", h("input", { name: "reason", maxLength: 200, required: true })),
    h(
      "button",
      { class: "primary", disabled: isSending },
      isWaiting ? "Take off the waiting list" : "Give the tickets back",
    ),
  );
}
