// One buyer's visit: he clicks, perhaps more than once, perhaps loses his connection, and then waits, asks, listens or
// leaves. Every answer goes into the ledger. A request that fails is made again with the same key, as anybody should.
import { watchOrder } from "@onsale/client";
import type { Order } from "@onsale/contracts/order";
import type { Buyer } from "./crowd.ts";
import type { Answer, Asking, Gateway } from "./gateway.ts";
import type { Ledger } from "./ledger.ts";
import type { Pause } from "./pauses.ts";

export type Sale = Readonly<{
  /** Closed when the sale is stopped, which ends what is on its way. */
  gateway: Gateway;
  ledger: Ledger;
  url: string;
  apiKey: string | undefined;
  eventCode: string;
  /** Ends every visit at once. */
  stop: AbortSignal;
  /** Ended by it. */
  pause: Pause;
}>;

const patienceMs = 60_000;
const waitSeconds = 20;
const pauseMaxMs = 3_000;
const listenersMax = 100;
let listenerCount = 0;

/** Runs a visit to its end; never throws. */
export async function visit(sale: Sale, buyer: Buyer): Promise<void> {
  const { ledger, stop } = sale;
  const key = `${sale.eventCode}-${buyer.index}`;
  const visitOf = new Visit(sale, buyer, key);
  try {
    if (buyer.vanishes !== undefined) await visitOf.vanish(buyer.vanishes);
    const clickedAt = performance.now();
    const others = Promise.all(buyer.clicksAgainAfterMs.map((afterMs) => visitOf.clickAgain(afterMs)));
    // Awaited below, unless the first click fails before them.
    others.catch(() => undefined);
    const order = await visitOf.click(buyer.style === "wait");
    if (order !== undefined) await visitOf.learn(order, clickedAt);
    await others;
  } catch (error) {
    if (stop.aborted) return;
    ledger.noteFault("a buyer got no answer", `buyer ${buyer.index}: ${messageOf(error)}`);
  }
}

class Visit {
  readonly #sale: Sale;
  readonly #buyer: Buyer;
  readonly #key: string;
  readonly #endsAt = performance.now() + patienceMs;

  constructor(sale: Sale, buyer: Buyer, key: string) {
    this.#sale = sale;
    this.#buyer = buyer;
    this.#key = key;
  }

  /** Clicks, loses the connection before or after the answer, and is back a while later. */
  async vanish({ afterMs, backAfterMs }: NonNullable<Buyer["vanishes"]>): Promise<void> {
    const { pause, ledger } = this.#sale;
    ledger.counts.vanished++;
    await this.#purchase({ signal: AbortSignal.timeout(afterMs) }).catch(() => undefined);
    await pause(backAfterMs);
  }

  async clickAgain(afterMs: number): Promise<void> {
    await this.#sale.pause(afterMs);
    await this.click(false);
  }

  /** Clicks until there is an answer; undefined when the tickets are sold out. */
  async click(isWaiting: boolean): Promise<Order | undefined> {
    const { ledger } = this.#sale;
    const known = ledger.idOf(this.#buyer.index);
    const answer = await this.#untilAnswered(() => this.#purchase(isWaiting ? { waitSeconds } : {}));
    if (answer.kind === "order") return answer.order;
    const what = answer.kind === "problem" ? answer.problem.code : answer.kind;
    if (what !== "sold-out") throw new Error(`a purchase was answered ${what}`);
    if (known === undefined) ledger.counts.turnedAway++;
    else ledger.noteFault("a replay was turned away", `buyer ${this.#buyer.index} has order ${known}`);
    return undefined;
  }

  async #purchase(asking: Asking): Promise<Answer> {
    const { gateway, ledger, eventCode } = this.#sale;
    const sentAt = performance.now();
    const wasDecided = ledger.outcomeOf(this.#buyer.index) !== undefined;
    const answer = await gateway.purchase({ eventCode, key: this.#key, buyer: this.#buyer }, asking);
    if (answer.kind !== "order") return answer;
    if (asking.waitSeconds === undefined) ledger.acceptLatency.record((performance.now() - sentAt) * 1_000);
    if (answer.isReplayed) ledger.counts.replays++;
    ledger.noteOrder(this.#buyer.index, answer.order, wasDecided);
    return answer;
  }

  /** Learns the decision in the buyer's way. */
  async learn(order: Order, clickedAt: number): Promise<void> {
    const { style } = this.#buyer;
    if (style === "leave") return;
    if (order.status === "PENDING") {
      if (style === "stream" && listenerCount < listenersMax) await this.#listen(order);
      else await this.#ask(order, style === "wait");
    }
    if (style !== "poll") this.#sale.ledger.toldLatency.record((performance.now() - clickedAt) * 1_000);
  }

  async #listen({ id, version }: Order): Promise<void> {
    const { url, apiKey, ledger, stop } = this.#sale;
    const client = { baseUrl: url, ...(apiKey === undefined ? {} : { apiKey }) };
    const signal = AbortSignal.any([
      stop,
      AbortSignal.timeout(Math.max(0, Math.round(this.#endsAt - performance.now()))),
    ]);
    listenerCount++;
    const wasDecided = ledger.outcomeOf(this.#buyer.index) !== undefined;
    try {
      for await (const order of watchOrder(client, id, { lastVersion: version, signal })) {
        ledger.noteOrder(this.#buyer.index, order, wasDecided);
      }
    } finally {
      listenerCount--;
    }
  }

  async #ask(first: Order, isWaiting: boolean): Promise<void> {
    const { gateway, ledger, pause } = this.#sale;
    const asking = isWaiting ? { waitSeconds } : {};
    for (let order = first; order.status === "PENDING"; ) {
      if (!isWaiting) await pause(200 + Math.random() * 800);
      const wasDecided = ledger.outcomeOf(this.#buyer.index) !== undefined;
      const answer = await this.#untilAnswered(() => gateway.getOrder(order, asking));
      if (answer.kind === "problem") throw new Error(`order ${order.id} was answered ${answer.problem.code}`);
      if (answer.kind === "order") {
        ({ order } = answer);
        ledger.noteOrder(this.#buyer.index, order, wasDecided);
      }
      if (performance.now() > this.#endsAt) throw new Error(`order ${order.id} is not decided in time`);
    }
  }

  /** Makes a request again while it fails in a way that may pass. */
  async #untilAnswered(request: () => Promise<Answer>): Promise<Answer> {
    const { ledger, stop, pause } = this.#sale;
    for (let failureCount = 0; ; failureCount++) {
      let askedMs = 0;
      let cause: unknown;
      try {
        const answer = await request();
        if (answer.kind !== "problem") return answer;
        const { status, retryable, code } = answer.problem;
        if (!retryable && status !== 429) return answer;
        if (status === 429) ledger.counts.slowedDown++;
        askedMs = answer.retryAfterMs;
        cause = new Error(`${status} ${code}`);
      } catch (error) {
        stop.throwIfAborted();
        cause = error;
      }
      ledger.counts.retried++;
      const pauseMs = askedMs + Math.random() * Math.min(pauseMaxMs, 100 * 2 ** failureCount);
      if (performance.now() + pauseMs > this.#endsAt) throw cause;
      await pause(pauseMs);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
