// The form that cancels an event, and how far its cancellation has got.
import { type ComponentChild, h } from "preact";
import type { CancellationProgress, EventChanged } from "../../console/messages/event-messages.ts";
import type { EventLine } from "../../console/messages/messages.ts";
import { formatCount, formatDateTime } from "../format.ts";
import { usePolled } from "../live/use-polled.ts";
import { type Change, onSubmit, readText } from "./changes/change.ts";

const refreshMs = 1_000;

type CancelFormProps = Readonly<{ line: EventLine; change: Change<EventChanged>; onDone: () => void }>;

/** People type the event's code, so that nobody cancels another event than they mean. */
export function CancelForm({ line, change, onDone }: CancelFormProps): ComponentChild {
  const submit = onSubmit(async (form) => {
    const body = { reason: readText(form, "reason"), code: readText(form, "code") };
    if ((await change.send("cancel", body)) !== undefined) onDone();
  });
  return h(
    "form",
    { onSubmit: submit },
    h(
      "p",
      { class: "alert" },
      `Nobody can buy tickets of “${line.name}” any more, and all its orders are cancelled. This cannot be undone.`,
    ),
    h(
      "label",
      null,
      "Reason, for the orders' histories",
      h("input", { name: "reason", maxLength: 200, required: true }),
    ),
    h(
      "label",
      null,
      `Type ${line.code} to confirm`,
      h("input", { name: "code", required: true, autocomplete: "off", spellcheck: false }),
    ),
    h("button", { class: "danger", disabled: change.isSending }, `Cancel ${line.code}`),
  );
}

/** Of an event that was cancelled: how many of its orders are cancelled. */
export function Cancellation({ eventId }: Readonly<{ eventId: number }>): ComponentChild {
  const { value } = usePolled<CancellationProgress>(`/api/events/${eventId}/cancellation`, ({ progress }) => {
    return progress?.finishedAt == null ? refreshMs : null;
  });
  const progress = value?.progress;
  if (progress == null) return null;
  const { total, cancelled, reason, startedAt, finishedAt } = progress;
  const since = `Cancelled on ${formatDateTime(startedAt)}${reason === null ? "" : `: ${reason}`}`;
  const orders =
    total === null
      ? "Its orders are being counted."
      : `${formatCount(cancelled)} of ${formatCount(total)} orders cancelled`;
  // Buyers cancel orders, too, so a finished cancellation may have cancelled fewer than were counted.
  const max = Math.max(1, finishedAt === null ? (total ?? 1) : cancelled);
  return h(
    "div",
    { class: "cancellation" },
    h("p", null, since),
    h("progress", {
      "aria-label": "Orders cancelled",
      max,
      ...(total === null ? {} : { value: finishedAt === null ? cancelled : max }),
    }),
    h("p", { class: "small", role: "status" }, orders, finishedAt === null ? "" : ": done."),
  );
}
