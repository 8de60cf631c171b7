// The state of a webhook delivery and its attempts, as the views of orders and of endpoints show them.
import { type ComponentChild, h } from "preact";
import type { DeliveryLine } from "../../console/messages/messages.ts";
import { formatDateTime, formatMilliseconds, formatTime } from "../format.ts";
import { describeResult } from "./describe-attempt.ts";

const tones: Readonly<Record<string, string>> = { DELIVERED: "ok", FAILED: "bad", PENDING: "warn" };

/** A pending delivery that has been tried is not just late: its receiver refuses it. */
export function DeliveryTag({ delivery: { status, attempts } }: Readonly<{ delivery: DeliveryLine }>): ComponentChild {
  const words = status === "PENDING" && attempts.length > 0 ? "retrying" : status.toLowerCase();
  return h("b", { class: `tag ${tones[status] ?? ""}` }, words);
}

/** When the next attempt is due, and what each attempt came to, the latest first. */
export function Attempts({ delivery }: Readonly<{ delivery: DeliveryLine }>): ComponentChild {
  const { nextAttemptAt, attempts } = delivery;
  return [
    nextAttemptAt === null
      ? null
      : h(
          "p",
          { class: "small", key: "next" },
          `${attempts.length === 0 ? "First" : "Next"} attempt at ${formatTime(nextAttemptAt)}`,
        ),
    ...attempts.map((attempt) => h(AttemptNote, { attempt, key: String(attempt.number) })),
  ];
}

function AttemptNote({ attempt }: Readonly<{ attempt: DeliveryLine["attempts"][number] }>): ComponentChild {
  const { number, status, error, responseBody, startedAt, durationMs } = attempt;
  return h(
    "p",
    { class: "small attempt" },
    `Attempt ${number}: ${describeResult(attempt)}${status === null ? "" : ` (${status})`}`,
    error === null ? "" : `, ${error}`,
    h(
      "span",
      { class: "quiet", title: formatDateTime(startedAt) },
      ` at ${formatTime(startedAt)}, in ${formatMilliseconds(durationMs)}`,
    ),
    responseBody === null || responseBody === "" ? null : h("code", { class: "answer" }, responseBody),
  );
}
