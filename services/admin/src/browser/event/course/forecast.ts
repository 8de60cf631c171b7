// When an event sells out. Without Preact, so that tests can run it in Node.
import type { EventLine } from "../../../console/messages/messages.ts";
import { formatSeconds } from "../../format.ts";
import { sumStock } from "../../parts/stock.ts";

/** Nobody needs a forecast of the week after next. */
const aheadMaxSeconds = 7 * 24 * 3_600;

type Selling = Pick<EventLine, "inventory" | "pools" | "saleState" | "steadyPerSecond">;

/** In how many seconds nothing is left if the sale goes on like this; null when nobody can say that. */
export function secondsToSellOut({ inventory, pools, saleState, steadyPerSecond }: Selling): number | null {
  const { available } = sumStock(inventory, pools);
  if (saleState !== "open" || available <= 0 || steadyPerSecond === null || steadyPerSecond <= 0) return null;
  const seconds = available / steadyPerSecond;
  return seconds > aheadMaxSeconds ? null : seconds;
}

/** The forecast in words, only as exact as it can be; undefined without one. */
export function describeForecast(event: Selling): string | undefined {
  const seconds = secondsToSellOut(event);
  if (seconds === null) return undefined;
  return seconds < 10 ? "sells out in seconds" : `sells out in about ${formatSeconds(roundToStep(seconds))}`;
}

function roundToStep(seconds: number): number {
  const step = seconds < 120 ? 10 : 60;
  return Math.round(seconds / step) * step;
}
