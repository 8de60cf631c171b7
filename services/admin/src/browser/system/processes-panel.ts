import { type ComponentChild, h } from "preact";
import { useMemo } from "preact/hooks";
import type { ProcessLine } from "../../console/messages/messages.ts";
import { formatBytes, formatSeconds, formatTime, nothing } from "../format.ts";
import { Loading, Panel } from "../parts/panel.ts";
import { number, table, text } from "../parts/table.ts";

/** Every process of the installation, as it last reported itself. */
export function ProcessesPanel({ processes }: Readonly<{ processes: readonly ProcessLine[] | undefined }>) {
  return useMemo((): ComponentChild => {
    return h(Panel, { title: "Processes" }, processes === undefined ? h(Loading, null) : drawProcesses(processes));
  }, [processes]);
}

function drawProcesses(processes: readonly ProcessLine[]): ComponentChild {
  const rows = processes.map((line) => ({
    key: line.id,
    cells: [
      text(line.kind),
      text(
        line.state === "up"
          ? h("b", { class: "tag ok" }, "up")
          : h("b", { class: "tag bad" }, `silent for ${formatSeconds(line.silentSeconds)}`),
      ),
      number(line.cpuPercent === null ? nothing : `${line.cpuPercent} %`),
      number(formatBytes(line.memoryBytes)),
      text(`${line.host} ${line.pid}`),
      text(line.version),
      text(formatTime(line.startedAt)),
    ],
  }));
  return table(["Process", "State", "CPU", "Memory", "Host and pid", "Version", "Since"], rows);
}
