import { randomBytes } from "node:crypto";
import { type SaleSnapshot, watchSale } from "@onsale/client";
import type { Sale } from "./buyer.ts";
import { type CrowdPlan, stockFor } from "./crowd.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Options } from "./options.ts";
import { createPauses } from "./pauses.ts";
import { startBuyers } from "./start-buyers.ts";
import { type Outcome, verify } from "./verify.ts";
import type { CreateView } from "./view.ts";

const dayMs = 24 * 60 * 60 * 1_000;
const lastsMs = 3 * 60 * 60 * 1_000;

export type Result = Readonly<{
  eventCode: string;
  plan: CrowdPlan;
  ledger: Ledger;
  outcome: Outcome;
  /** Whether Ctrl-C ended the sale. */
  isStopped: boolean;
  seconds: number;
}>;

export type Signals = Readonly<{
  /** Ends every buyer; the checks follow. */
  stop: AbortSignal;
  /** Ends the checks too. */
  end: AbortSignal;
}>;

/** Creates an event, plays the crowd's purchases, and checks the result. */
export async function runDemo(
  gateway: Gateway,
  options: Options,
  { stop, end }: Signals,
  createView: CreateView,
): Promise<Result> {
  const { url, apiKey, buyers, seconds, seed } = options;
  const plan: CrowdPlan = { buyers, seconds, seed };
  const eventCode = `DEMO-${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`.toUpperCase();
  await createEvent(gateway, eventCode, buyers);
  const ledger = createLedger(buyers);
  const view = createView(eventCode, plan, ledger);
  const watching = new AbortController();
  const buyersGateway = createGateway(url, apiKey);
  stop.addEventListener("abort", buyersGateway.close);
  const sale: Sale = {
    gateway: buyersGateway,
    ledger,
    url,
    apiKey,
    eventCode,
    stop,
    pause: createPauses(stop),
  };
  try {
    void watchStock(sale, watching.signal, view.showSale);
    const startedAt = performance.now();
    const crowd = startBuyers(sale, plan);
    view.begin(crowd.activeCount);
    await crowd.ended;
    const tookSeconds = (performance.now() - startedAt) / 1_000;
    const outcome = await verify({
      gateway,
      ledger,
      plan,
      eventCode,
      pause: createPauses(end),
      showTask: view.showTask,
    });
    return { eventCode, plan, ledger, outcome, isStopped: stop.aborted, seconds: tookSeconds };
  } finally {
    watching.abort();
    view.close();
    await buyersGateway.close();
  }
}

async function createEvent(gateway: Gateway, code: string, buyers: number): Promise<void> {
  const start = Date.now() + 30 * dayMs;
  await gateway.createEvent({
    code,
    name: "Demo: the big on-sale",
    startTime: new Date(start).toISOString(),
    endTime: new Date(start + lastsMs).toISOString(),
    ticketTypes: stockFor(buyers),
  });
}

/** Shows the stream of the sale; a failure leaves the display as it is and does not end the demo. */
async function watchStock(
  { url, apiKey, eventCode }: Sale,
  signal: AbortSignal,
  show: (sale: SaleSnapshot) => void,
): Promise<void> {
  const client = { baseUrl: url, ...(apiKey === undefined ? {} : { apiKey }) };
  try {
    for await (const sale of watchSale(client, eventCode, { signal })) show(sale);
  } catch {
    // The display keeps its last figures.
  }
}
