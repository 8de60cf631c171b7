import { type ComponentChild, h, render } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import { EventView } from "./event-view.ts";
import { Frame } from "./frame.ts";
import { type Live, nothingYet, watch } from "./live.ts";
import { OrderView } from "./order-view.ts";
import { SaleView } from "./sale-view.ts";
import { onSystemTheme } from "./theme.ts";

type Place = Readonly<{ view: "sale" } | { view: "event"; id: number } | { view: "order"; id: string }>;

/** The view that the address names. */
function readPlace(): Place {
  const event = /^#\/events\/(\d{1,10})$/.exec(location.hash)?.[1];
  if (event !== undefined) return { view: "event", id: Number(event) };
  const order = /^#\/orders\/([0-9a-fA-F-]{36})$/.exec(location.hash)?.[1];
  return order === undefined ? { view: "sale" } : { view: "order", id: order };
}

function Console({ isReadOnly }: { isReadOnly: boolean }): ComponentChild {
  const [place, setPlace] = useState(readPlace);
  const [live, setLive] = useState<Live>(nothingYet);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const eventId = place.view === "event" ? place.id : undefined;

  useEffect(() => {
    const move = () => {
      setPlace(readPlace());
      window.scrollTo(0, 0);
      document.getElementById("content")?.focus({ preventScroll: true });
    };
    addEventListener("hashchange", move);
    onSystemTheme(() => drawAgain(undefined));
    return () => removeEventListener("hashchange", move);
  }, []);
  useEffect(() => watch(eventId, live, setLive), [eventId]);

  return h(
    Frame,
    { live, isReadOnly, onTheme: () => drawAgain(undefined) },
    place.view === "event"
      ? h(EventView, { live, id: place.id, key: place.id })
      : place.view === "order"
        ? h(OrderView, { id: place.id, isReadOnly, key: place.id })
        : h(SaleView, { live }),
  );
}

const root = document.getElementById("console");
if (root !== null) {
  root.replaceChildren();
  render(h(Console, { isReadOnly: root.dataset.readOnly === "true" }), root);
}
