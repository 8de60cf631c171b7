// Starts the console: draws the view that the URL names, and follows the stream.
import { type ComponentChild, h, render } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import { EventView } from "./event/event-view.ts";
import { Frame } from "./frame.ts";
import { KeysView } from "./keys/keys-view.ts";
import { emptyLive, followStream, type Live } from "./live/follow-stream.ts";
import { FindOrdersView } from "./orders/find-orders-view.ts";
import { OrderView } from "./orders/order-view.ts";
import { OverviewView } from "./overview/overview-view.ts";
import { parseRoute, type Route } from "./route.ts";
import { QueuesView } from "./system/queues-view.ts";
import { SystemView } from "./system/system-view.ts";
import { onSystemTheme } from "./theme.ts";
import { EndpointView } from "./webhooks/endpoint-view.ts";
import { WebhooksView } from "./webhooks/webhooks-view.ts";

function Console({ isReadOnly }: { isReadOnly: boolean }): ComponentChild {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  const [live, setLive] = useState<Live>(emptyLive);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const eventId = route.view === "event" ? route.id : undefined;

  useEffect(() => {
    const navigate = () => {
      setRoute(parseRoute(location.hash));
      window.scrollTo(0, 0);
      document.getElementById("content")?.focus({ preventScroll: true });
    };
    addEventListener("hashchange", navigate);
    onSystemTheme(() => redraw(undefined));
    return () => removeEventListener("hashchange", navigate);
  }, []);
  useEffect(() => followStream(eventId, live, setLive), [eventId]);

  return h(
    Frame,
    { view: route.view, live, isReadOnly, onTheme: () => redraw(undefined) },
    viewOf(route, live, isReadOnly),
  );
}

function viewOf(route: Route, live: Live, isReadOnly: boolean): ComponentChild {
  switch (route.view) {
    case "event":
      return h(EventView, { live, id: route.id, isReadOnly, key: route.id });
    case "order":
      return h(OrderView, { id: route.id, isReadOnly, key: route.id });
    case "find-orders":
      return h(FindOrdersView, { search: route.search, key: route.search });
    case "webhooks":
      return h(WebhooksView, { filter: route.filter, key: route.filter });
    case "endpoint":
      return h(EndpointView, { id: route.id, isReadOnly, key: route.id });
    case "keys":
      return h(KeysView, { isReadOnly });
    case "queues":
      return h(QueuesView, { live, isReadOnly });
    case "system":
      return h(SystemView, { live, isReadOnly });
    case "overview":
      return h(OverviewView, { live });
    case "not-found":
      return h(
        "p",
        { class: "card", role: "status" },
        `${route.message} `,
        h("a", { href: "#/" }, "Go to the overview"),
      );
  }
}

const root = document.getElementById("console");
if (root !== null) {
  root.replaceChildren();
  render(h(Console, { isReadOnly: root.dataset.readOnly === "true" }), root);
}
