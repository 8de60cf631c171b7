// What happened to an order, the oldest first: its acceptance, its transitions, its webhooks.
import { type ComponentChild, h } from "preact";
import type { OrderDetail, OrderLine, TransitionLine } from "../../console/messages/messages.ts";
import { formatDateTime, formatMilliseconds, formatTime } from "../format.ts";
import { describeResult } from "./describe-attempt.ts";
import { describeTickets } from "./describe-order.ts";

type Tone = "ok" | "bad" | "warn" | "";
type TimelineEntry = Readonly<{ at: string; text: string; tone: Tone }>;

const tones: Readonly<Record<string, Tone>> = {
  CONFIRMED: "ok",
  HELD: "warn",
  WAITING: "warn",
};

export function Timeline({ detail }: { detail: OrderDetail }): ComponentChild {
  const { order } = detail;
  return h(
    "section",
    { class: "card", "aria-label": "Timeline" },
    h("h2", null, "Timeline"),
    h(
      "ol",
      { class: "timeline" },
      entriesOf(detail).map(({ at, text, tone }, index) =>
        h(
          "li",
          { key: index, class: tone },
          h("time", { dateTime: at, title: formatDateTime(at), class: "quiet small" }, formatPreciseTime(at)),
          h("span", null, text),
        ),
      ),
      order.decidedAt === null
        ? h("li", { key: "pending", class: "warn" }, h("span", null, "Pending: not decided yet"))
        : null,
    ),
  );
}

function entriesOf({ order, history, deliveries }: OrderDetail): TimelineEntry[] {
  const accepted: TimelineEntry = { at: order.createdAt, text: "Accepted: the order is on disk", tone: "" };
  const transitions = history.map((transition): TimelineEntry => {
    const text = transition.from === "PENDING" ? describeDecision(transition, order) : describe(transition);
    return { at: transition.at, text, tone: tones[transition.to] ?? "" };
  });
  const attempts = deliveries.flatMap(({ origin, type, attempts }) =>
    attempts.map((attempt): TimelineEntry => {
      const { startedAt, number, durationMs } = attempt;
      const outcome = `${describeResult(attempt)} in ${formatMilliseconds(durationMs)}`;
      const text = `${type} to ${origin}, attempt ${number}: ${outcome}`;
      return { at: startedAt, text, tone: attempt.result === "delivered" ? "ok" : "bad" };
    }),
  );
  return [accepted, ...transitions, ...attempts].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

function describeDecision({ at, to }: TransitionLine, { createdAt, reason }: OrderLine): string {
  const duration = formatMilliseconds(Date.parse(at) - Date.parse(createdAt));
  return `Decided after ${duration}: ${to.toLowerCase()}${reason === null ? "" : `. ${reason}`}`;
}

function describe({ from, to, actor, reason, items }: TransitionLine): string {
  const returned = describeTickets(items);
  const what = from !== to ? to.toLowerCase() : returned === "" ? "changed" : `${returned} given back`;
  return `${what[0]?.toUpperCase() ?? ""}${what.slice(1)} by ${actor}${reason === null ? "" : `: ${reason}`}`;
}

/** With milliseconds: decisions follow within a few of them. */
function formatPreciseTime(at: string): string {
  return `${formatTime(at)}.${at.slice(20, 23)}`;
}
