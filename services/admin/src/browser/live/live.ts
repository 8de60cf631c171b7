// What the stream has told so far. While nobody can see the page there is no stream; once it is seen again, it is told
// everything anew.
import type { Change, EventLine, Point, Sections } from "../../console/messages.ts";
import { listen } from "./stream.ts";

export type Live = Readonly<{
  /** `silent`: the stream is open and nothing comes. */
  connection: "starting" | "live" | "silent" | "lost";
  /** What is wrong with the connection, in a sentence. */
  trouble: string | null;
  sections: Partial<Sections>;
  events: Readonly<Record<string, EventLine>>;
  points: readonly Point[];
}>;

export const nothingYet: Live = { connection: "starting", trouble: null, sections: {}, events: {}, points: [] };

const pointCountMax = 300;

/**
 * Watches until the returned function is called.
 *
 * @param eventId an event to be told of even when it is not among the busiest
 */
export function watch(eventId: number | undefined, before: Live, onLive: (live: Live) => void): () => void {
  const url = `/api/stream${eventId === undefined ? "" : `?event=${eventId}`}`;
  let live = before;
  let listening = new AbortController();

  const update = (part: Partial<Live>) => {
    live = { ...live, ...part };
    onLive(live);
  };

  function begin(): void {
    listening = new AbortController();
    listen(url, listening.signal, {
      onChange: (change, isFirst) => {
        update(isFirst ? { ...apply(nothingYet, change), connection: "live", trouble: null } : apply(live, change));
      },
      onTrouble: (connection, trouble) => {
        // Of a connection that is lost it is known already that nothing comes.
        if (connection === "lost" || live.connection !== "lost") update({ connection, trouble });
      },
    });
  }

  const follow = () => {
    listening.abort();
    update({ connection: "starting", trouble: null });
    if (!document.hidden) begin();
  };
  document.addEventListener("visibilitychange", follow);
  if (!document.hidden) begin();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    listening.abort();
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
