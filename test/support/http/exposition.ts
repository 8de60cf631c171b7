// A process's /metrics, read as Prometheus reads it.

type Series = Readonly<{ name: string; labels: Readonly<Record<string, string>> }>;

/** Every metric that is declared, and every series that there is. */
export type Exposition = Readonly<{ types: ReadonlyMap<string, string>; series: readonly Series[] }>;

const seriesPattern = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/;
const labelPattern = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const series: Series[] = [];
  for (const line of text.split("\n")) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) types.set(name, type);
    const [, seriesName, labelText = ""] = seriesPattern.exec(line) ?? [];
    if (seriesName === undefined) continue;
    const labels = [...labelText.matchAll(labelPattern)].map(([, label = "", value = ""]) => [label, value]);
    series.push({ name: seriesName, labels: Object.fromEntries(labels) });
  }
  return { types, series };
}
