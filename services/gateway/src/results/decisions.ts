// The gateway's one feed of decisions. Workers decide an event's orders in arrival order and announce each batch as
// "event, decided through seq". A batch can be announced before the insert that one of its orders belongs to returns,
// so the feed keeps the last decided `seq` of each event for subscribers that learn of an order later.
import { type Decided, parseDecided } from "@onsale/database/announcements/channels";
import { LRUCache } from "lru-cache";

export type Decisions = Readonly<{
  /** Takes the payload of an announcement. */
  onAnnounced: (payload: string) => void;
  /** Tells all subscribers, in the order in which they subscribed. */
  publish: (decided: Decided) => void;
  /** Calls `onDecided` for every announcement from now on. It must not throw. */
  subscribe: (onDecided: (decided: Decided) => void) => void;
  /** The `seq` through which all orders of an event are decided, as far as it was announced lately; otherwise 0. */
  through: (eventId: number) => number;
}>;

/** Of more events than this, the least recently used ones are forgotten. */
const eventCountMax = 10_000;

export function createDecisions(): Decisions {
  const throughByEvent = new LRUCache<number, number>({ max: eventCountMax });
  const subscribers: ((decided: Decided) => void)[] = [];
  const through = (eventId: number) => throughByEvent.get(eventId) ?? 0;

  function publish(decided: Decided): void {
    const { eventId, seq } = decided;
    throughByEvent.set(eventId, Math.max(seq, through(eventId)));
    for (const tell of subscribers) tell(decided);
  }

  return {
    onAnnounced: (payload) => {
      for (const decided of parseDecided(payload)) publish(decided);
    },
    publish,
    subscribe: (onDecided) => void subscribers.push(onDecided),
    through,
  };
}
