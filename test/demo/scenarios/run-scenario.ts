// Plays a scenario: creates its event, plays everybody, and checks what came of it.
import { randomBytes } from "node:crypto";
import { watchSale } from "@onsale/client";
import type { Order } from "@onsale/contracts/order";
import type { Sale } from "../buyer.ts";
import type { CrowdPlan } from "../crowd.ts";
import { createGateway, type Gateway } from "../gateway.ts";
import { createLedger, type Ledger } from "../ledger.ts";
import type { Options, ScenarioName } from "../options.ts";
import { listOrders, untilDecided } from "../orders.ts";
import { createPauses } from "../pauses.ts";
import { createRetry } from "../retry.ts";
import type { Signals } from "../run-demo.ts";
import type { CreateView, View } from "../view.ts";
import { checkNothingLost } from "./checks.ts";
import { family } from "./family.ts";
import { fanclub } from "./fanclub.ts";
import type { ChangeOfEvent, CountOf, Facts, Play, Scenario, Stage } from "./scenario.ts";
import { waitlist } from "./waitlist.ts";

const scenarios: Readonly<Record<ScenarioName, Scenario>> = { fanclub, family, waitlist };
const dayMs = 24 * 60 * 60 * 1_000;
const lastsMs = 3 * 60 * 60 * 1_000;

export type ScenarioResult = Readonly<{
  scenario: Scenario;
  eventCode: string;
  plan: CrowdPlan;
  ledger: Ledger;
  /** Undefined when it could not be read; `outcome` says why. */
  facts: Facts | undefined;
  outcome: Readonly<{ unchecked: readonly string[] }>;
  countOf: CountOf;
  isStopped: boolean;
  seconds: number;
}>;

export async function runScenario(
  gateway: Gateway,
  options: Options & Readonly<{ scenario: ScenarioName }>,
  { stop, end }: Signals,
  createView: CreateView,
): Promise<ScenarioResult> {
  const { url, apiKey, buyers, seconds, seed } = options;
  const scenario = scenarios[options.scenario];
  const plan: CrowdPlan = { buyers, seconds, seed };
  const eventCode = `DEMO-${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`.toUpperCase();
  await createEvent(gateway, eventCode, scenario, plan);
  const startedAt = performance.now();
  const ledger = createLedger(buyers * scenario.slotsPerPerson);
  const peopleGateway = createGateway(url, apiKey);
  stop.addEventListener("abort", peopleGateway.close);
  const sale: Sale = { gateway: peopleGateway, ledger, url, apiKey, eventCode, stop, pause: createPauses(stop) };
  const counts = new Map<string, number>();
  const stage: Stage = {
    sale,
    plan,
    untilMoment: (moment) => sale.pause(Math.max(0, startedAt + moment * seconds * 1_000 - performance.now())),
    count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
  };
  const view = createView(eventCode, plan, ledger, scenario.phaseOf);
  const watching = new AbortController();
  try {
    const play = await scenario.prepare({ ...stage, sale: { ...sale, gateway } });
    void watchStock(sale, watching.signal, view);
    await playAll(stage, play, view);
    const tookSeconds = (performance.now() - startedAt) / 1_000;
    const { facts, unchecked } = await readFacts(gateway, eventCode, end, view);
    if (facts !== undefined) {
      checkNothingLost(ledger, buyers * scenario.slotsPerPerson, facts);
      for (const { ok, name, examples } of facts.audit.checks) {
        if (!ok) ledger.noteFault(`the audit found a violation of: ${name}`, examples.join("; "));
      }
      scenario.check(stage, facts);
    }
    const countOf = (what: string) => counts.get(what) ?? 0;
    const outcome = { unchecked };
    return {
      scenario,
      eventCode,
      plan,
      ledger,
      facts,
      outcome,
      countOf,
      isStopped: stop.aborted,
      seconds: tookSeconds,
    };
  } finally {
    watching.abort();
    view.close();
    await peopleGateway.close();
  }
}

async function createEvent(gateway: Gateway, code: string, scenario: Scenario, plan: CrowdPlan): Promise<void> {
  const nowMs = Date.now();
  await gateway.createEvent({
    code,
    name: `Demo: ${scenario.title}`,
    startTime: new Date(nowMs + 30 * dayMs).toISOString(),
    endTime: new Date(nowMs + 30 * dayMs + lastsMs).toISOString(),
    ...scenario.eventOf(plan, nowMs),
  });
}

async function playAll({ sale, plan }: Stage, play: Play, view: View): Promise<void> {
  const { ledger, stop } = sale;
  const ended = new AbortController();
  let activeCount = 0;
  view.begin(() => activeCount);
  const beside = play.beside?.(ended.signal).catch(() => undefined);
  const playOne = async (index: number) => {
    activeCount++;
    ledger.counts.started++;
    try {
      await play.person(index);
    } catch (error) {
      if (stop.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      ledger.noteFault("somebody got no answer", `person ${index}: ${message}`);
    } finally {
      activeCount--;
    }
  };
  await Promise.all(Array.from({ length: plan.buyers }, (_, index) => playOne(index)));
  ended.abort();
  await beside;
}

/** Reads everything about the event; never throws. */
async function readFacts(
  gateway: Gateway,
  eventCode: string,
  end: AbortSignal,
  { showTask }: View,
): Promise<Readonly<{ facts: Facts | undefined; unchecked: readonly string[] }>> {
  const pause = createPauses(end);
  const retry = createRetry(pause, showTask);
  const reading = { gateway, eventCode, pause, showTask };
  try {
    await untilDecided(reading, retry);
    // Before the orders, which may lose tickets in the meantime, but get no others.
    const event = await retry(() => gateway.event(eventCode));
    const inventory = await retry(() => gateway.inventory(eventCode));
    const orders: Order[] = [];
    for await (const order of listOrders(reading, retry)) orders.push(order);
    const changes: ChangeOfEvent[] = [];
    for (let cursor: string | null = null; ; ) {
      const after = cursor;
      const page: Awaited<ReturnType<typeof gateway.changes>> = await retry(() => gateway.changes(eventCode, after));
      if (page.content.length === 0) break;
      changes.push(...page.content);
      cursor = page.nextCursor;
    }
    showTask("the audit");
    const audit = await retry(() => gateway.audit(eventCode));
    return { facts: { event, inventory, orders, changes, audit }, unchecked: [] };
  } catch (error) {
    return { facts: undefined, unchecked: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Shows the stream of the sale; a failure leaves the display as it is. */
async function watchStock({ url, apiKey, eventCode }: Sale, signal: AbortSignal, view: View): Promise<void> {
  const client = { baseUrl: url, ...(apiKey === undefined ? {} : { apiKey }) };
  try {
    for await (const sale of watchSale(client, eventCode, { signal })) view.showSale(sale);
  } catch {
    // The display keeps its last figures.
  }
}
