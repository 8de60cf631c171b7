// Shows what is running and the time left: a bar that is redrawn on a terminal, plain lines elsewhere.
import { styleText } from "node:util";

export type Progress = Readonly<{
  /** Begins a task; `weight` is its share of the total weight. */
  begin: (what: string, weight: number) => void;
  /** Shows a detail of the running task. */
  tell: (detail: string) => void;
  /** Ends the running task. */
  done: () => void;
  /** Removes the bar. */
  close: () => void;
}>;

const barLength = 28;
const redrawMs = 250;

type Output = Readonly<{ isTTY?: boolean; columns?: number; write: (text: string) => unknown }>;

/** @param totalWeight the sum of all tasks' weights */
export function createProgress(totalWeight: number, output: Output = process.stderr): Progress {
  const startedAt = performance.now();
  let doneWeight = 0;
  let weight = 0;
  let begunAt = startedAt;
  let what = "";
  let detail = "";

  const draw = () => {
    const now = performance.now();
    const msPerWeight = doneWeight > 0 ? (begunAt - startedAt) / doneWeight : undefined;
    const expectedMs = msPerWeight === undefined ? Number.POSITIVE_INFINITY : weight * msPerWeight;
    const share = Math.min(1, (doneWeight + weight * Math.min(0.95, (now - begunAt) / expectedMs)) / totalWeight);
    const leftMs = msPerWeight === undefined ? undefined : (1 - share) * totalWeight * msPerWeight;
    const text = `${renderBar(share)} ${timeLeft(leftMs)}  ${what}${detail === "" ? "" : `: ${detail}`}`;
    output.write(`\r\u001b[2K${text.slice(0, (output.columns ?? 80) - 1)}`);
  };
  const timer = output.isTTY ? setInterval(draw, redrawMs) : undefined;
  timer?.unref();

  return {
    begin: (text, newWeight) => {
      what = text;
      detail = "";
      weight = newWeight;
      begunAt = performance.now();
      if (output.isTTY) draw();
      else output.write(`${percent(doneWeight / totalWeight)} ${text}\n`);
    },
    tell: (text) => {
      detail = text;
      if (!output.isTTY) output.write(`     ${text}\n`);
    },
    done: () => {
      doneWeight += weight;
      weight = 0;
      begunAt = performance.now();
    },
    close: () => {
      clearInterval(timer);
      if (output.isTTY) output.write("\r\u001b[2K");
    },
  };
}

function renderBar(share: number): string {
  const full = Math.round(share * barLength);
  return `${styleText("green", "█".repeat(full))}${styleText("gray", "░".repeat(barLength - full))} ${percent(share)}`;
}

function percent(share: number): string {
  return `${String(Math.round(share * 100)).padStart(3)} %`;
}

/** Such as "3:07 left". */
export function timeLeft(ms: number | undefined): string {
  if (ms === undefined) return "";
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
}
