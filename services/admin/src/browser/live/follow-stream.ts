// Keeps the page's copy of the console's state up to date from the stream. A hidden page has no stream; when it becomes
// visible, a new one sends everything again.
import type { Change, EventLine, Point, Sections } from "../../console/messages/messages.ts";
import { connectStream } from "./stream.ts";

export type Live = Readonly<{
  /** `silent`: the stream is open but nothing arrives. */
  connection: "starting" | "live" | "silent" | "lost";
  /** What is wrong with the connection, in a sentence. */
  trouble: string | null;
  sections: Partial<Sections>;
  events: Readonly<Record<string, EventLine>>;
  points: readonly Point[];
}>;

export const emptyLive: Live = { connection: "starting", trouble: null, sections: {}, events: {}, points: [] };

/** Five minutes. */
const pointCountMax = 300;

/**
 * Follows the stream until the returned function is called.
 *
 * @param eventId an event that the stream sends even when it is not among the busiest
 * @param before the state that is shown until the stream has sent a new one
 */
export function followStream(eventId: number | undefined, before: Live, onLive: (live: Live) => void): () => void {
  const url = `/api/stream${eventId === undefined ? "" : `?event=${eventId}`}`;
  let live = before;
  let stop = new AbortController();

  const update = (part: Partial<Live>) => {
    live = { ...live, ...part };
    onLive(live);
  };

  function start(): void {
    stop = new AbortController();
    connectStream(url, stop.signal, {
      onChange: (change, isFirst) => {
        update(isFirst ? { ...apply(emptyLive, change), connection: "live", trouble: null } : apply(live, change));
      },
      onTrouble: (connection, trouble) => {
        // A lost connection is silent too; "lost" says more.
        if (connection === "lost" || live.connection !== "lost") update({ connection, trouble });
      },
    });
  }

  const restart = () => {
    stop.abort();
    update({ connection: "starting", trouble: null });
    if (!document.hidden) start();
  };
  document.addEventListener("visibilitychange", restart);
  if (!document.hidden) start();
  return () => {
    document.removeEventListener("visibilitychange", restart);
    stop.abort();
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

/** The present time by the server's clock, from its last message: that of the browser may be wrong. */
export function serverNow({ points }: Live): number {
  return points.at(-1)?.atMs ?? Date.now();
}
