// What the console shows at present, and which parts of it changed since the last message. A value that is set again
// unchanged counts as no change, so a quiet installation causes no messages but keepalives.
import type { Change, EventLine, Point, Sections } from "./messages/messages.ts";

/** Five minutes. */
const pointCountMax = 300;

export type ConsoleState = Readonly<{
  set: <K extends keyof Sections>(section: K, value: Sections[K]) => void;
  /** Replaces the events. Clients are told to remove those that are missing. */
  setEvents: (lines: readonly EventLine[]) => void;
  addPoint: (point: Point) => void;
  /** Returns what changed since the last call; undefined when nothing did. */
  takeChange: () => Change | undefined;
  /** Everything, for a new client. */
  snapshot: () => Change;
}>;

export function createConsoleState(): ConsoleState {
  let sections: Partial<Sections> = {};
  let points: readonly Point[] = [];
  let events = new Map<string, EventLine>();
  /** The last value of each section and event, as JSON. */
  const lastValues = new Map<string, string>();
  let changedSections: Partial<Sections> = {};
  let changedEvents: Record<string, EventLine | null> = {};
  let newPoints: readonly Point[] = [];

  const hasChanged = (key: string, value: unknown): boolean => {
    const text = JSON.stringify(value);
    if (lastValues.get(key) === text) return false;
    lastValues.set(key, text);
    return true;
  };

  return {
    set: (section, value) => {
      sections = { ...sections, [section]: value };
      if (hasChanged(section, value)) changedSections = { ...changedSections, [section]: value };
    },
    setEvents: (lines) => {
      const next = new Map(lines.map((line) => [String(line.id), line]));
      for (const id of events.keys()) {
        if (next.has(id)) continue;
        lastValues.delete(`event ${id}`);
        changedEvents[id] = null;
      }
      for (const [id, line] of next) if (hasChanged(`event ${id}`, line)) changedEvents[id] = line;
      events = next;
    },
    addPoint: (point) => {
      points = [...points, point].slice(-pointCountMax);
      newPoints = [...newPoints, point];
    },
    takeChange: () => {
      const change = { sections: changedSections, events: changedEvents, points: newPoints };
      const isEmpty = [change.sections, change.events, change.points].every((part) => Object.keys(part).length === 0);
      changedSections = {};
      changedEvents = {};
      newPoints = [];
      return isEmpty ? undefined : change;
    },
    snapshot: () => ({ sections, events: Object.fromEntries(events), points }),
  };
}
