// The view of one webhook endpoint: its state, its buttons, its deliveries, and who changed it.
import { type ComponentChild, type ComponentChildren, Fragment, h } from "preact";
import type { EndpointLine } from "../../console/messages/webhook-messages.ts";
import { Activities } from "../event/activity-log.ts";
import { formatDateTime } from "../format.ts";
import { useChange } from "../live/use-change.ts";
import { usePolled } from "../live/use-polled.ts";
import { ConfirmButton } from "../parts/confirm-button.ts";
import { ShortId } from "../parts/copy-button.ts";
import { Failure } from "../parts/notes.ts";
import { webhooksHash } from "../route.ts";
import { Deliveries } from "./deliveries.ts";
import { describeState, EndpointTag, formatPending, LastTime } from "./endpoint-tag.ts";

const refreshMs = 2_000;

type EndpointViewProps = Readonly<{ id: string; isReadOnly: boolean }>;

export function EndpointView({ id, isReadOnly }: EndpointViewProps): ComponentChild {
  const path = `/api/webhooks/${id}`;
  const { value: endpoint, failure, refresh } = usePolled<EndpointLine>(path, () => refreshMs);
  if (endpoint === undefined) {
    return failure === undefined
      ? h("p", { class: "card", role: "status" }, "Loading the endpoint …")
      : h(Failure, { failure, hasValue: false });
  }
  return h(
    Fragment,
    null,
    h(Failure, { failure, hasValue: true }),
    h(Summary, { endpoint }),
    isReadOnly ? null : h(Actions, { endpoint, onChanged: refresh }),
    h(Deliveries, { endpoint, isReadOnly }),
    h(Activities, { path: `${path}/activity`, nobody: "Nobody has changed this endpoint in the console." }),
  );
}

function Summary({ endpoint }: Readonly<{ endpoint: EndpointLine }>): ComponentChild {
  const { id, event, types } = endpoint;
  const facts: [string, ComponentChildren][] = [
    ["State", [h(EndpointTag, { endpoint, key: "tag" }), ` ${describeState(endpoint)}`]],
    ["To send", formatPending(endpoint)],
    ["Last success", h(LastTime, { at: endpoint.lastSuccessAt })],
    ["Last failure", h(LastTime, { at: endpoint.lastFailureAt })],
    ["Account", endpoint.accountName],
    ["Of the orders of", event === null ? "all events" : h("a", { href: `#/events/${event.id}` }, event.code)],
    ["Registered", formatDateTime(endpoint.createdAt)],
    ["Id", h(ShortId, { id, what: "the endpoint's id" })],
    ["Gets", types.join(", ")],
  ];
  return h(
    "div",
    { class: "card title" },
    h("p", { class: "quiet small" }, h("a", { href: webhooksHash("all") }, "Webhooks"), " / endpoint"),
    h("h1", null, endpoint.url),
    endpoint.description === null ? null : h("p", { class: "quiet" }, endpoint.description),
    h(
      "dl",
      { class: "facts" },
      facts.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value))),
    ),
  );
}

type ActionsProps = Readonly<{ endpoint: EndpointLine; onChanged: () => void }>;

function Actions({ endpoint, onChanged }: ActionsProps): ComponentChild {
  const change = useChange(`/api/webhooks/${endpoint.id}/`);
  const act = async (action: string) => {
    if ((await change.send(action, {})) !== undefined) onChanged();
  };
  const isDisabled = endpoint.state === "disabled";
  return h(
    "section",
    { class: "card actions", "aria-label": "Change this endpoint" },
    h(
      "div",
      { class: "buttons" },
      isDisabled
        ? h("button", { type: "button", onClick: () => void act("enable"), disabled: change.isSending }, "Enable")
        : [
            h(
              "button",
              { type: "button", key: "ping", onClick: () => void act("ping"), disabled: change.isSending },
              "Send a ping",
            ),
            h(ConfirmButton, {
              key: "disable",
              words: "Disable",
              question:
                "Nothing is sent to a disabled endpoint, and what happens meanwhile is not sent later by itself.",
              confirmWords: "Disable the endpoint",
              isDisabled: change.isSending,
              onConfirm: () => void act("disable"),
            }),
          ],
    ),
    change.note,
  );
}
