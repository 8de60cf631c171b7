// Colours and configuration of all plots. The background is white, so that they are legible on light and dark pages.
import type { Config } from "vega-lite";
import type { ContestantName, Role } from "../names.ts";

export const fontFamily = "Inter, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";
const ink = "#1f2937";
const quiet = "#6b7280";
const line = "#e5e7eb";

/** Onsale has blues, the limits have greys, and the designs that it is compared with have warm colours. */
export const contestantColours: Readonly<Record<ContestantName, string>> = {
  echo: "#d1d5db",
  ceiling: "#9ca3af",
  "hot-row": "#78716c",
  "synchronous-pessimistic": "#f97316",
  "synchronous-optimistic": "#fbbf24",
  "onsale-postgres": "#4338ca",
  "onsale-postgres-2x2": "#818cf8",
  "onsale-redis": "#0e7490",
  "onsale-redis-2x2": "#22b8cf",
  "onsale-postgres-1x2": "#a5b4fc",
  "onsale-postgres-1x4": "#c7d2fe",
  "onsale-redis-cluster": "#155e75",
};

export const roleColours: Readonly<Record<Role, string>> = {
  server: "#f97316",
  gateway: "#4338ca",
  worker: "#818cf8",
  postgres: "#0e7490",
  redis: "#67c7d6",
  generator: "#d1d5db",
};

export const plotConfig: Config = {
  background: "#ffffff",
  padding: { left: 24, right: 36, top: 20, bottom: 20 },
  font: fontFamily,
  view: { stroke: null },
  title: {
    anchor: "start",
    frame: "group",
    offset: 18,
    color: ink,
    fontSize: 17,
    fontWeight: 600,
    subtitleColor: quiet,
    subtitleFontSize: 12,
    subtitlePadding: 6,
  },
  axis: {
    domain: false,
    ticks: false,
    gridColor: line,
    labelColor: ink,
    labelFontSize: 12,
    labelPadding: 8,
    titleColor: quiet,
    titleFontSize: 12,
    titleFontWeight: 400,
    titlePadding: 12,
    labelLimit: 260,
  },
  legend: { labelColor: ink, labelFontSize: 12, titleColor: quiet, symbolSize: 110, labelLimit: 260, orient: "bottom" },
  text: { color: ink, fontSize: 12 },
};
