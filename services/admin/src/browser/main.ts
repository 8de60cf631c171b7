import { type ComponentChild, h, render } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import { Frame } from "./frame.ts";
import { type Live, nothingYet, watch } from "./live/live.ts";
import { type Place, readPlace } from "./places.ts";
import { onSystemTheme } from "./theme.ts";
import { EventView } from "./views/event-view.ts";
import { OrderView } from "./views/order-view.ts";
import { SaleView } from "./views/sale-view.ts";

function Console({ isReadOnly }: { isReadOnly: boolean }): ComponentChild {
  const [place, setPlace] = useState(() => readPlace(location.hash));
  const [live, setLive] = useState<Live>(nothingYet);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const eventId = place.view === "event" ? place.id : undefined;

  useEffect(() => {
    const move = () => {
      setPlace(readPlace(location.hash));
      window.scrollTo(0, 0);
      document.getElementById("content")?.focus({ preventScroll: true });
    };
    addEventListener("hashchange", move);
    onSystemTheme(() => drawAgain(undefined));
    return () => removeEventListener("hashchange", move);
  }, []);
  useEffect(() => watch(eventId, live, setLive), [eventId]);

  return h(Frame, { live, isReadOnly, onTheme: () => drawAgain(undefined) }, viewOf(place, live, isReadOnly));
}

function viewOf(place: Place, live: Live, isReadOnly: boolean): ComponentChild {
  switch (place.view) {
    case "event":
      return h(EventView, { live, id: place.id, key: place.id });
    case "order":
      return h(OrderView, { id: place.id, isReadOnly, key: place.id });
    case "sale":
      return h(SaleView, { live });
    case "nowhere":
      return h("p", { class: "card", role: "status" }, `${place.message} `, h("a", { href: "#/" }, "Go to the sale"));
  }
}

const root = document.getElementById("console");
if (root !== null) {
  root.replaceChildren();
  render(h(Console, { isReadOnly: root.dataset.readOnly === "true" }), root);
}
