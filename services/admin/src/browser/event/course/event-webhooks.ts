// The webhook endpoints that get what happens to an event's orders.
import { type ComponentChild, h } from "preact";
import type { EventWebhooks } from "../../../console/messages/event-messages.ts";
import { formatCount } from "../../format.ts";
import { usePolled } from "../../live/use-polled.ts";
import { Failure } from "../../parts/notes.ts";

const refreshMs = 5_000;

export function EventWebhooksCard({ eventId }: Readonly<{ eventId: number }>): ComponentChild {
  const { value, failure } = usePolled<EventWebhooks>(`/api/events/${eventId}/webhooks`, () => refreshMs);
  return h(
    "section",
    { class: "card webhooks", "aria-label": "Webhooks" },
    h(
      "div",
      { class: "heading" },
      h("h2", null, h("a", { href: "#/webhooks" }, "Webhooks")),
      value === undefined ? null : badgeOf(value),
    ),
    h(Failure, { failure, hasValue: value !== undefined }),
    value === undefined ? null : h("p", { class: "quiet" }, describe(value)),
  );
}

function badgeOf({ enabled, failing }: EventWebhooks): ComponentChild {
  if (failing > 0) return h("b", { class: "tag bad" }, `${formatCount(failing)} failing`);
  return enabled > 0 ? h("b", { class: "tag ok" }, "ok") : null;
}

function describe({ enabled, failing, disabled, pending }: EventWebhooks): string {
  if (enabled + disabled === 0) {
    return "Nobody is told about this event's orders; POST /api/v1/webhooks registers an endpoint.";
  }
  const states = `${formatCount(enabled)} enabled, ${formatCount(failing)} failing, ${formatCount(disabled)} disabled`;
  return `Endpoints of this event's orders: ${states}. ${formatCount(pending)} deliveries are to be sent to them.`;
}
