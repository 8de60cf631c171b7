// The view of all webhook endpoints.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { EndpointLine, EndpointPage } from "../../console/messages/webhook-messages.ts";
import { Pager } from "../event/pager.ts";
import { usePolled } from "../live/use-polled.ts";
import { Failure } from "../parts/notes.ts";
import { wrappingTable } from "../parts/table.ts";
import { type EndpointFilter, endpointFilters, webhooksHash } from "../route.ts";
import { describeState, EndpointTag, formatPending, LastTime } from "./endpoint-tag.ts";

const refreshMs = 5_000;

export function WebhooksView({ filter }: Readonly<{ filter: EndpointFilter }>): ComponentChild {
  const [after, setAfter] = useState<string | null>(null);
  const query = new URLSearchParams({ state: filter, ...(after === null ? {} : { after }) });
  const { value: page, failure } = usePolled<EndpointPage>(`/api/webhooks?${query}`, () => refreshMs);
  const choose = ({ currentTarget }: { currentTarget: HTMLSelectElement }) => {
    location.hash = webhooksHash(endpointFilters.find((one) => one === currentTarget.value) ?? "all");
  };
  return h(
    "section",
    { class: "card endpoints", "aria-label": "Webhook endpoints" },
    h(
      "div",
      { class: "heading" },
      h("h1", null, "Webhooks"),
      h(
        "select",
        { "aria-label": "State of the endpoints", value: filter, onChange: choose },
        endpointFilters.map((name) => h("option", { value: name, key: name }, name === "all" ? "all endpoints" : name)),
      ),
    ),
    h(Failure, { failure, hasValue: page !== undefined }),
    page === undefined ? h(Loading, { failure }) : h(Endpoints, { endpoints: page.endpoints, filter }),
    h(Pager, { after, next: page?.next ?? null, go: setAfter }),
  );
}

function Loading({ failure }: Readonly<{ failure: string | undefined }>): ComponentChild {
  return failure === undefined ? h("p", { class: "quiet", role: "status" }, "Loading the endpoints …") : null;
}

type EndpointsProps = Readonly<{ endpoints: readonly EndpointLine[]; filter: EndpointFilter }>;

function Endpoints({ endpoints, filter }: EndpointsProps): ComponentChild {
  if (endpoints.length === 0) return h(NoEndpoints, { filter });
  const head = ["Endpoint", "State", "To send", "Last success", "Last failure", "Gets", "Account"];
  const rows = endpoints.map((endpoint) => ({
    key: endpoint.id,
    cells: [
      h(
        "span",
        { class: "pair" },
        h("a", { href: `#/webhooks/${endpoint.id}` }, endpoint.url),
        endpoint.description === null ? null : h("span", { class: "quiet small" }, endpoint.description),
      ),
      h(
        "span",
        { class: "status" },
        h(EndpointTag, { endpoint }),
        h("span", { class: "small" }, describeState(endpoint)),
      ),
      formatPending(endpoint),
      h(LastTime, { at: endpoint.lastSuccessAt }),
      h(LastTime, { at: endpoint.lastFailureAt }),
      describeSubscription(endpoint),
      h("span", { class: "unbroken" }, endpoint.accountName),
    ],
  }));
  return wrappingTable(head, rows);
}

function describeSubscription({ types, event }: EndpointLine): string {
  const webhooks = types.length === 1 ? (types[0] ?? "") : `${types.length} types of webhooks`;
  return `${webhooks}, of ${event === null ? "all events" : event.code}`;
}

function NoEndpoints({ filter }: Readonly<{ filter: EndpointFilter }>): ComponentChild {
  if (filter !== "all") {
    return h(
      "p",
      { class: "quiet", role: "status" },
      `No endpoint is ${filter}. `,
      h("a", { href: webhooksHash("all") }, "Show all endpoints"),
    );
  }
  return h(
    "p",
    { class: "quiet", role: "status" },
    "Nobody gets webhooks yet. Register an endpoint with the API, POST /api/v1/webhooks, or with ",
    h("code", { class: "mono" }, "onsale webhooks create"),
    ". Its secret is shown there, once.",
  );
}
