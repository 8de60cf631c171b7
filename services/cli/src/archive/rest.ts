import { setTimeout as delay } from "node:timers/promises";

const restMinMs = 1;

/** Returns what sleeps for as long as the work since the last sleep took: a sale of another event goes on beside it. */
export function createRest(): () => Promise<void> {
  let begunAtMs = performance.now();
  return async () => {
    await delay(Math.max(restMinMs, performance.now() - begunAtMs));
    begunAtMs = performance.now();
  };
}
