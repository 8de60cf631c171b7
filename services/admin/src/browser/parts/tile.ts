// Tiles: figures in large type.
import { type ComponentChild, h } from "preact";

export type Tile = Readonly<{
  name: string;
  value: string;
  unit?: string;
  /** Below the figure, a line each. */
  notes: readonly ComponentChild[];
  isAlarming?: boolean;
}>;

export function drawTile({ name, value, unit, notes, isAlarming }: Tile): ComponentChild {
  return h(
    "div",
    { class: isAlarming === true ? "card tile bad" : "card tile", key: name },
    h("h2", null, name),
    h("p", { class: "value" }, value, unit === undefined ? null : [" ", h("small", { key: "unit" }, unit)]),
    notes.map((note, index) => h("div", { class: "quiet small", key: index }, note)),
  );
}
