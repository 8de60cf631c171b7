// Parses a process's /metrics as Prometheus does.

type Series = Readonly<{ name: string; labels: Readonly<Record<string, string>>; value: number }>;

/** The types of the declared metrics by name, and every series. */
export type Exposition = Readonly<{ types: ReadonlyMap<string, string>; series: readonly Series[] }>;

const seriesPattern = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const labelPattern = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const series: Series[] = [];
  for (const line of text.split("\n")) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) types.set(name, type);
    const [, seriesName, labelText = "", value] = seriesPattern.exec(line) ?? [];
    if (seriesName === undefined) continue;
    const labels = [...labelText.matchAll(labelPattern)].map(([, label = "", value = ""]) => [label, value]);
    series.push({ name: seriesName, labels: Object.fromEntries(labels), value: Number(value) });
  }
  return { types, series };
}
