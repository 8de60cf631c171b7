// What the last audit of an event found, and the button that runs one.
import { type ComponentChild, h } from "preact";
import type { AuditLine, AuditState } from "../../../console/messages/event-messages.ts";
import { formatCount, formatTime } from "../../format.ts";
import { usePolled } from "../../live/use-polled.ts";
import { Failure } from "../../parts/notes.ts";
import { useChange } from "../changes/change.ts";

const refreshMs = 5_000;
const runningRefreshMs = 500;

type AuditCardProps = Readonly<{ eventId: number; isReadOnly: boolean }>;

export function AuditCard({ eventId, isReadOnly }: AuditCardProps): ComponentChild {
  const change = useChange(eventId);
  const {
    value: state,
    failure,
    refresh,
  } = usePolled<AuditState>(`/api/events/${eventId}/audit`, ({ isRunning }) =>
    isRunning ? runningRefreshMs : refreshMs,
  );
  const run = () => void change.send("audit", {}).then(refresh);
  return h(
    "section",
    { class: "card audit actions", "aria-label": "Audit" },
    h("div", { class: "heading" }, h("h2", null, "Audit"), state === undefined ? null : h(AuditBadge, { state })),
    h(Failure, { failure, hasValue: state !== undefined }),
    state === undefined ? null : describeState(state),
    state?.failure == null ? null : h("p", { class: "bad small", role: "status" }, state.failure),
    isReadOnly
      ? null
      : h(
          "button",
          { type: "button", onClick: run, disabled: change.isSending || state?.isRunning === true },
          "Run the audit now",
        ),
    change.isFailed ? change.note : null,
  );
}

function AuditBadge({ state: { last, isRunning } }: Readonly<{ state: AuditState }>): ComponentChild {
  if (isRunning) return h("b", { class: "tag", role: "status" }, "running …");
  if (last === null) return h("b", { class: "tag" }, "not yet run");
  return last.ok ? h("b", { class: "tag ok" }, "sound") : h("b", { class: "tag bad" }, "broken");
}

function describeState({ last }: AuditState): ComponentChild {
  if (last === null) {
    return h(
      "p",
      { class: "quiet" },
      "The audit compares every order with the stock. It runs by itself once no order was decided for a while.",
    );
  }
  return [h("p", { key: "words" }, describeAudit(last)), drawFaults(last)];
}

function describeAudit({ checkedAt, orderCount, ok }: AuditLine): string {
  const orders = `${formatCount(orderCount)} ${orderCount === 1 ? "order" : "orders"}`;
  const what = ok
    ? "nothing oversold, nothing lost, everything decided in the order of its arrival."
    : "something is wrong. Stop the sale, and see “OnsaleInvariantViolated” in the runbook.";
  return `${formatTime(checkedAt)}, ${orders}: ${what}`;
}

function drawFaults({ faults }: AuditLine): ComponentChild {
  if (faults.length === 0) return null;
  return h(
    "ul",
    { class: "faults bad", key: "faults" },
    faults.map((fault) => h("li", { key: fault }, fault)),
  );
}
