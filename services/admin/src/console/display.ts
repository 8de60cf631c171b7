// What the console shows now, and what of it has changed since it was last told. A value that is as it was is not told
// again, so a quiet installation sends nothing.
import type { Change, EventLine, Point, Sections } from "./messages.ts";

const pointCountMax = 300;

export type Display = Readonly<{
  set: <K extends keyof Sections>(section: K, value: Sections[K]) => void;
  /** The events that are watched; those that are missing are not any more. */
  setEvents: (lines: readonly EventLine[]) => void;
  addPoint: (point: Point) => void;
  /** What changed since the last call; undefined when nothing did. */
  takeChange: () => Change | undefined;
  /** Everything, for somebody who has seen nothing. */
  whole: () => Change;
}>;

export function createDisplay(): Display {
  let sections: Partial<Sections> = {};
  let points: readonly Point[] = [];
  let events = new Map<string, EventLine>();
  /** Values as they were told last, by section or event. */
  const told = new Map<string, string>();
  let changedSections: Partial<Sections> = {};
  let changedEvents: Record<string, EventLine | null> = {};
  let newPoints: readonly Point[] = [];

  const isNews = (key: string, value: unknown): boolean => {
    const text = JSON.stringify(value);
    if (told.get(key) === text) return false;
    told.set(key, text);
    return true;
  };

  return {
    set: (section, value) => {
      sections = { ...sections, [section]: value };
      if (isNews(section, value)) changedSections = { ...changedSections, [section]: value };
    },
    setEvents: (lines) => {
      const watched = new Map(lines.map((line) => [String(line.id), line]));
      for (const id of events.keys()) {
        if (watched.has(id)) continue;
        told.delete(`event ${id}`);
        changedEvents[id] = null;
      }
      for (const [id, line] of watched) if (isNews(`event ${id}`, line)) changedEvents[id] = line;
      events = watched;
    },
    addPoint: (point) => {
      points = [...points, point].slice(-pointCountMax);
      newPoints = [...newPoints, point];
    },
    takeChange: () => {
      const change = { sections: changedSections, events: changedEvents, points: newPoints };
      const isNothing = [change.sections, change.events, change.points].every((part) => Object.keys(part).length === 0);
      [changedSections, changedEvents, newPoints] = [{}, {}, []];
      return isNothing ? undefined : change;
    },
    whole: () => ({ sections, events: Object.fromEntries(events), points }),
  };
}
