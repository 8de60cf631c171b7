// Those who watch an event's sale. Four times a second the events that are watched and may have changed are read with
// one query, and whoever watches gets the new state; so an event sends at most four messages a second. Orders that
// arrive are not announced, so once a second every watched event is looked at; that also mends lost announcements.
import type { Sale } from "@onsale/contracts/sale";
import type { Db } from "@onsale/database/client";
import { readSales, type SaleRow } from "@onsale/database/statements/read-sales";
import type { CatalogueEvent } from "./catalogue.ts";
import { presentInventory } from "./present.ts";
import type { EventStream, Message } from "./sse.ts";

export type SaleStreams = Readonly<{
  /** Sends the state of the sale, now and whenever it changes, until the stream ends. */
  watch: (event: CatalogueEvent, stream: EventStream) => void;
  /** The event may have changed. */
  touch: (eventId: number) => void;
  /** Ends all streams. */
  close: () => void;
}>;

const tickMs = 250;
const ticksPerFullLook = 4;

type Watched = {
  readonly event: CatalogueEvent;
  readonly streams: Set<EventStream>;
  lastState: string;
  lastMessage: Message | undefined;
  isTouched: boolean;
};

/** @param decidedPerSecond an event's recent pace */
export function createSaleStreams(db: Db, decidedPerSecond: (eventId: number) => number): SaleStreams {
  const watchedById = new Map<number, Watched>();
  let tickCount = 0;
  let isLooking = false;
  let isClosed = false;

  async function look(): Promise<void> {
    const isFullLook = tickCount++ % ticksPerFullLook === 0;
    const due = [...watchedById.values()].filter((watched) => isFullLook || watched.isTouched);
    if (due.length === 0 || isLooking) return;
    isLooking = true;
    for (const watched of due) watched.isTouched = false;
    const eventIds = due.map(({ event }) => event.id);
    const rows = await readSales(db, eventIds).catch((): SaleRow[] => []);
    isLooking = false;
    for (const row of rows) {
      const watched = watchedById.get(row.eventId);
      if (watched !== undefined) tell(watched, row);
    }
  }

  function tell(watched: Watched, { eventId, version, inventory, pending }: SaleRow): void {
    const { code } = watched.event;
    const state: Omit<Sale, "at"> = {
      eventCode: code,
      inventory: inventory.map((row) => presentInventory(code, row)),
      pending,
      decidedPerSecond: Math.round(decidedPerSecond(eventId)),
    };
    const stateText = JSON.stringify(state);
    if (stateText === watched.lastState) return;
    watched.lastState = stateText;
    const sale: Sale = { at: new Date().toISOString(), ...state };
    const message = { id: version, event: "sale", data: JSON.stringify(sale) };
    watched.lastMessage = message;
    for (const stream of watched.streams) stream.send(message);
  }

  const timer = setInterval(() => void look(), tickMs);
  timer.unref();

  return {
    watch: (event, stream) => {
      if (isClosed) return stream.end();
      const unwatched: Watched = { event, streams: new Set(), lastState: "", lastMessage: undefined, isTouched: true };
      const watched = watchedById.get(event.id) ?? unwatched;
      watchedById.set(event.id, watched);
      watched.streams.add(stream);
      stream.onEnd(() => {
        watched.streams.delete(stream);
        if (watched.streams.size === 0) watchedById.delete(event.id);
      });
      if (watched.lastMessage !== undefined) stream.send(watched.lastMessage);
    },
    touch: (eventId) => {
      const watched = watchedById.get(eventId);
      if (watched !== undefined) watched.isTouched = true;
    },
    close: () => {
      isClosed = true;
      clearInterval(timer);
      for (const { streams } of watchedById.values()) for (const stream of streams) stream.end();
    },
  };
}
