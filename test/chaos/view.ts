// Shows a run: a display that is redrawn on a terminal, one line a second elsewhere.
import { createLogUpdate } from "log-update";
import { formatCount } from "../bench/report/format.ts";
import type { ChaosProgress } from "./run-chaos.ts";

export type ChaosView = ChaosProgress & Readonly<{ close: () => void }>;

const drawTerminalMs = 250;
const drawLineMs = 1_000;

/** @param seconds how long faults are injected */
export function createChaosView(seconds: number, output: NodeJS.WriteStream = process.stderr): ChaosView {
  const display = output.isTTY ? createLogUpdate(output) : undefined;
  let running: Parameters<ChaosProgress["begin"]>[0] | undefined;
  let phase = "";
  let beganMs = 0;
  let last = "";

  function describe(): readonly string[] {
    if (running === undefined || phase !== "selling") return [phase];
    const { history, crowd, nemesis, rate } = running;
    const passed = Math.round((performance.now() - beganMs) / 1_000);
    const hits = nemesis.injected.filter((fault) => fault.hits > 0).length;
    return [
      `${passed} of ${Math.round(seconds)} s`,
      `${formatCount(crowd.startedCount())} buyers, ${rate} a second, ${crowd.activeCount()} of them active`,
      `${formatCount(history.calls.length)} calls, ${hits} faults`,
      nemesis.current().join("; ") || "no fault at this moment",
    ];
  }

  const draw = () => {
    const lines = describe();
    if (display !== undefined) return display(lines.join("\n"));
    const line = lines.join(" | ");
    if (line !== last) output.write(`${line}\n`);
    last = line;
  };
  const timer = setInterval(draw, display === undefined ? drawLineMs : drawTerminalMs);

  return {
    phase: (text) => {
      phase = text;
    },
    begin: (started) => {
      running = started;
      beganMs = performance.now();
    },
    close: () => {
      clearInterval(timer);
      display?.clear();
      display?.done();
    },
  };
}
