// The streams that watch the sale of an event. Four times a second one query reads the watched events that may have
// changed, and their streams get the new state: at most four messages a second per event. New orders are not announced
// to gateways, so every watched event is read once a second; that also makes up for lost announcements. The clock opens
// and closes sales without an announcement; the round after that reads them.
import type { Sale } from "@onsale/contracts/sale";
import type { Db } from "@onsale/database/client";
import type { DatabaseClock } from "@onsale/database/database-clock";
import { readSales, type SaleRow } from "@onsale/database/statements/events/read-sales";
import { startLoop } from "@onsale/lifecycle/loop";
import type { CatalogueEvent } from "../catalogue/catalogue.ts";
import { presentInventory, presentWindow } from "../catalogue/present.ts";
import type { StockReader } from "../catalogue/stock-reader.ts";
import type { EventStream, Message } from "../http/sse.ts";
import type { Decisions } from "./decisions.ts";
import type { QueueEstimates } from "./queue-estimates.ts";

export type SaleStreams = Readonly<{
  /** Sends the state of the sale, now and after each change, until the stream ends. */
  watch: (event: CatalogueEvent, stream: EventStream) => void;
  /** Ends all streams. */
  close: () => void;
}>;

const roundMs = 250;
/** Every fourth round reads all watched events, the others only those with a decision. */
const roundsPerFullRead = 4;

type Watched = {
  readonly event: CatalogueEvent;
  readonly streams: Set<EventStream>;
  lastState: string;
  lastMessage: Message | undefined;
  mayHaveChanged: boolean;
  /** When the clock opens or closes the sale next. */
  turnsAtMs: number;
};

export type SaleStreamParts = Readonly<{
  stockReader: Pick<StockReader, "note">;
  decisions: Pick<Decisions, "subscribe">;
  clock: Pick<DatabaseClock, "nowMs">;
  queueEstimates: Pick<QueueEstimates, "decidedPerSecond">;
}>;

export function createSaleStreams(db: Db, parts: SaleStreamParts): SaleStreams {
  const { stockReader, decisions, clock, queueEstimates } = parts;
  const watchedById = new Map<number, Watched>();
  let roundCount = 0;
  let isClosed = false;

  async function readChanged(): Promise<void> {
    const isFullRead = roundCount++ % roundsPerFullRead === 0;
    const nowMs = clock.nowMs();
    const due = [...watchedById.values()].filter(
      ({ mayHaveChanged, turnsAtMs }) => isFullRead || mayHaveChanged || turnsAtMs <= nowMs,
    );
    if (due.length === 0) return;
    for (const watched of due) watched.mayHaveChanged = false;
    const eventIds = due.map(({ event }) => event.id);
    const begunAtMs = performance.now();
    for (const row of await readSales(db, eventIds)) {
      stockReader.note(row.eventId, row.inventory, begunAtMs);
      const watched = watchedById.get(row.eventId);
      if (watched === undefined) continue;
      watched.turnsAtMs = nextTurn(row);
      sendChange(watched, row, queueEstimates.decidedPerSecond(row.eventId));
    }
  }

  // The next full round makes up for a round that failed.
  const rounds = startLoop({
    run: readChanged,
    pauseMs: ({ tookMs }) => Math.max(0, roundMs - tookMs),
    onError: () => undefined,
  });

  decisions.subscribe(({ eventId }) => {
    const watched = watchedById.get(eventId);
    if (watched !== undefined) watched.mayHaveChanged = true;
  });

  return {
    watch: (event, stream) => {
      if (isClosed) return stream.end();
      const watched = watchedById.get(event.id) ?? unwatched(event);
      watchedById.set(event.id, watched);
      watched.streams.add(stream);
      stream.onEnd(() => {
        watched.streams.delete(stream);
        if (watched.streams.size === 0) watchedById.delete(event.id);
      });
      if (watched.lastMessage !== undefined) stream.send(watched.lastMessage);
    },
    close: () => {
      isClosed = true;
      for (const { streams } of watchedById.values()) for (const stream of streams) stream.end();
      // Not awaited: a last query only reads, and the server must not wait for it to stop listening.
      void rounds.close();
    },
  };
}

function sendChange(watched: Watched, row: SaleRow, decidedPerSecond: number): void {
  const { code } = watched.event;
  const { version, inventory, pending } = row;
  const state: Omit<Sale, "at"> = {
    eventCode: code,
    sale: presentWindow(row),
    inventory: inventory.map((stock) => presentInventory(code, stock)),
    pending,
    decidedPerSecond: Math.round(decidedPerSecond),
  };
  const stateText = JSON.stringify(state);
  if (stateText === watched.lastState) return;
  watched.lastState = stateText;
  const sale: Sale = { at: row.at.toISOString(), ...state };
  const message = { id: version, event: "sale", data: JSON.stringify(sale) };
  watched.lastMessage = message;
  for (const stream of watched.streams) stream.send(message);
}

function unwatched(event: CatalogueEvent): Watched {
  return {
    event,
    streams: new Set(),
    lastState: "",
    lastMessage: undefined,
    mayHaveChanged: true,
    turnsAtMs: Number.POSITIVE_INFINITY,
  };
}

/** The first of the sale's beginning and end that was still to come when it was read. */
function nextTurn({ at, salesStart, salesEnd }: SaleRow): number {
  const turns = [salesStart, salesEnd].map((time) => time?.getTime() ?? Number.POSITIVE_INFINITY);
  return Math.min(...turns.map((turnMs) => (turnMs > at.getTime() ? turnMs : Number.POSITIVE_INFINITY)));
}
