// The stream: one connection, which comes back by itself, and what it has told so far.
import type { Change, EventLine, Point, Sections } from "../console/messages.ts";

export type Live = Readonly<{
  connection: "starting" | "live" | "lost";
  sections: Partial<Sections>;
  events: Readonly<Record<string, EventLine>>;
  points: readonly Point[];
}>;

export const nothingYet: Live = { connection: "starting", sections: {}, events: {}, points: [] };

const pointCountMax = 300;
const retryMs = 2_000;

/**
 * Watches until the returned function is called.
 *
 * @param eventId an event to be told of even when it is not among the busiest
 */
export function watch(eventId: number | undefined, before: Live, onLive: (live: Live) => void): () => void {
  let live = before;
  let source: EventSource | undefined;
  let timer: number | undefined;

  const update = (part: Partial<Live>) => {
    live = { ...live, ...part };
    onLive(live);
  };

  function connect(): void {
    let isFirst = true;
    source = new EventSource(`/api/stream${eventId === undefined ? "" : `?event=${eventId}`}`);
    source.onopen = () => {
      isFirst = true;
    };
    source.onmessage = ({ data }) => {
      const change: Change = JSON.parse(data);
      update(isFirst ? { ...apply(nothingYet, change), connection: "live" } : apply(live, change));
      isFirst = false;
    };
    source.onerror = () => {
      update({ connection: "lost" });
      // A connection that broke is made again by the browser; a refused one is not.
      if (source?.readyState === EventSource.CLOSED) timer = window.setTimeout(() => void reconnect(), retryMs);
    };
  }

  async function reconnect(): Promise<void> {
    const answer = await fetch("/api/session").catch(() => undefined);
    if (answer?.status === 401) location.assign("/login");
    else connect();
  }

  connect();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

function apply(live: Live, { sections, events, points }: Change): Pick<Live, "sections" | "events" | "points"> {
  const merged: Record<string, EventLine> = { ...live.events };
  for (const [id, line] of Object.entries(events)) {
    if (line === null) delete merged[id];
    else merged[id] = line;
  }
  return {
    sections: { ...live.sections, ...sections },
    events: merged,
    points: points.length === 0 ? live.points : [...live.points, ...points].slice(-pointCountMax),
  };
}
