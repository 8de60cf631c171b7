// Who changed what of an event, an endpoint or the API keys.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { ActivityPage } from "../../console/messages/event-messages.ts";
import { formatDateTime, formatTime } from "../format.ts";
import { usePolled } from "../live/use-polled.ts";
import { Failure } from "../parts/notes.ts";
import { Pager } from "./pager.ts";

const refreshMs = 2_000;

export function ActivityLog({ eventId }: Readonly<{ eventId: number }>): ComponentChild {
  return h(Activities, { path: `/api/events/${eventId}/activity`, nobody: "Nobody has changed this event." });
}

/** `nobody`: what is said when there are no entries. */
type ActivitiesProps = Readonly<{ path: string; nobody: string }>;

export function Activities({ path, nobody }: ActivitiesProps): ComponentChild {
  const [after, setAfter] = useState<string | null>(null);
  const query = after === null ? "" : `?after=${after}`;
  const { value: page, failure } = usePolled<ActivityPage>(`${path}${query}`, () => refreshMs);
  return h(
    "section",
    { class: "card activity", "aria-label": "Activity" },
    h("h2", null, "Activity"),
    h(Failure, { failure, hasValue: page !== undefined }),
    page?.activities.length === 0
      ? h("p", { class: "quiet", role: "status" }, nobody)
      : h(
          "ol",
          { class: "timeline" },
          page?.activities.map(({ id, at, actor, text }) =>
            h(
              "li",
              { key: id },
              h(
                "span",
                { class: "quiet small" },
                h("time", { dateTime: at, title: formatDateTime(at) }, formatTime(at)),
                ` ${actor}`,
              ),
              h("span", null, text),
            ),
          ),
        ),
    h(Pager, { after, next: page?.next ?? null, go: setAfter }),
  );
}
