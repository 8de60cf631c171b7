// Plays one buyer: they purchase, perhaps several times with the same key, perhaps lose their connection, and then
// wait, poll, stream or leave. Some hold their tickets first; then they pay, pay late, or give up. The ledger records
// every answer. A failed request is repeated with the same key, as the API asks of every client.
import { watchOrder } from "@onsale/client";
import type { Order } from "@onsale/contracts/order";
import { type Buyer, holdSeconds } from "./crowd.ts";
import { type Answer, customerRefOf, type Gateway, type RequestOptions } from "./gateway.ts";
import type { Ledger } from "./ledger.ts";
import type { Pause } from "./pauses.ts";
import { untilAnswered } from "./until-answered.ts";

/** What a buyer keeps of their order. */
type OwnOrder = Pick<Order, "id" | "status" | "version" | "expiresAt">;

export type Sale = Readonly<{
  /** Closed when the sale is stopped, which ends the requests in flight. */
  gateway: Gateway;
  ledger: Ledger;
  url: string;
  apiKey: string | undefined;
  eventCode: string;
  /** Ends every buyer at once. */
  stop: AbortSignal;
  /** `stop` ends it. */
  pause: Pause;
}>;

/** A buyer gives up after this long. */
const buyerMaxMs = 60_000;
const waitSeconds = 20;
const streamCountMax = 100;
let streamCount = 0;

/** Plays a buyer to the end; never throws. */
export async function playBuyer(sale: Sale, buyer: Buyer): Promise<void> {
  const { ledger, stop } = sale;
  const key = `${sale.eventCode}-${buyer.index}`;
  const player = new BuyerPlayer(sale, buyer, key);
  try {
    if (buyer.disconnects !== undefined) await player.disconnect(buyer.disconnects);
    const clickedAt = performance.now();
    const others = Promise.all(buyer.clicksAgainAfterMs.map((afterMs) => player.clickAgain(afterMs)));
    // They are awaited below, unless the first click fails earlier; without this their rejection would be unhandled.
    others.catch(() => undefined);
    const order = await player.click(buyer.style === "wait");
    const decided = order === undefined ? undefined : await player.awaitDecision(order, clickedAt);
    if (decided?.status === "HELD") await player.endHold(decided);
    await others;
  } catch (error) {
    if (stop.aborted) return;
    ledger.noteFault("a buyer got no answer", `buyer ${buyer.index}: ${messageOf(error)}`);
  }
}

class BuyerPlayer {
  readonly #sale: Sale;
  readonly #buyer: Buyer;
  readonly #key: string;
  readonly #endsAt = performance.now() + buyerMaxMs;

  constructor(sale: Sale, buyer: Buyer, key: string) {
    this.#sale = sale;
    this.#buyer = buyer;
    this.#key = key;
  }

  #untilAnswered(request: () => Promise<Answer>): Promise<Answer> {
    return untilAnswered(this.#sale, this.#endsAt, request);
  }

  /** Purchases, loses the connection before or after the answer, and returns after a pause. */
  async disconnect({ afterMs, backAfterMs }: NonNullable<Buyer["disconnects"]>): Promise<void> {
    const { pause, ledger } = this.#sale;
    ledger.counts.disconnected++;
    await this.#purchase({ signal: AbortSignal.timeout(afterMs) }).catch(() => undefined);
    await pause(backAfterMs);
  }

  async clickAgain(afterMs: number): Promise<void> {
    await this.#sale.pause(afterMs);
    await this.click(false);
  }

  /** Purchases until there is an answer; undefined when the tickets are sold out. */
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

  async #purchase(options: RequestOptions): Promise<Answer> {
    const { gateway, ledger, eventCode } = this.#sale;
    const sentAt = performance.now();
    const knownVersion = ledger.versionOf(this.#buyer.index);
    const answer = await gateway.purchase(this.#key, purchaseOf(eventCode, this.#buyer), options);
    if (answer.kind !== "order") return answer;
    if (options.waitSeconds === undefined) ledger.acceptLatency.record((performance.now() - sentAt) * 1_000);
    if (answer.isReplayed) ledger.counts.replays++;
    ledger.noteOrder(this.#buyer.index, answer.order, knownVersion);
    return answer;
  }

  /** Waits for the decision in this buyer's style; who leaves does not wait. */
  async awaitDecision(order: OwnOrder, clickedAt: number): Promise<OwnOrder | undefined> {
    const { style } = this.#buyer;
    if (style === "leave") return undefined;
    let decided: OwnOrder | undefined = order;
    if (order.status === "PENDING") {
      const isStreaming = style === "stream" && streamCount < streamCountMax;
      decided = await (isStreaming ? this.#stream(order) : this.#poll(order, style === "wait"));
    }
    if (style !== "poll") this.#sale.ledger.learnedLatency.record((performance.now() - clickedAt) * 1_000);
    return decided;
  }

  /** Pays, in time or late, or gives the tickets back. */
  async endHold(order: OwnOrder): Promise<void> {
    const { ledger, gateway, pause } = this.#sale;
    const { payment, index } = this.#buyer;
    if (payment === undefined) return ledger.noteFault("an order was held that nobody asked to hold", order.id);
    ledger.counts.held++;
    const expiresInMs = Math.max(0, Date.parse(order.expiresAt ?? "") - Date.now());
    const isLate = payment.kind === "pays-late";
    await pause(isLate ? expiresInMs + payment.afterMs : payment.afterMs);
    if (payment.kind === "gives-up") {
      const answer = await this.#change(() => gateway.cancel(order));
      // On a busy machine the hold may have expired before.
      if (answer.kind === "order") ledger.counts.gaveUp++;
      return;
    }
    const answer = await this.#change(() => gateway.confirm(order, `demo-payment-${index}`, { waitSeconds }));
    if (answer.kind === "problem") ledger.counts.refunds++;
    else if (isLate) ledger.counts.paidLate++;
    else ledger.counts.paid++;
  }

  /** Changes the order; the only refusal that is no fault is that the hold has expired. */
  async #change(request: () => Promise<Answer>): Promise<Answer> {
    const { ledger } = this.#sale;
    for (;;) {
      const knownVersion = ledger.versionOf(this.#buyer.index);
      const answer = await this.#untilAnswered(request);
      if (answer.kind === "order") {
        ledger.noteOrder(this.#buyer.index, answer.order, knownVersion);
        // A late payment that the lane has not decided: the same request tells what became of it.
        if (answer.order.status === "EXPIRED" && performance.now() < this.#endsAt) continue;
        return answer;
      }
      const code = answer.kind === "problem" ? answer.problem.code : answer.kind;
      if (code === "hold-expired" || code === "order-not-cancellable") return answer;
      throw new Error(`a change of the order was answered ${code}`);
    }
  }

  /** Follows the order until its decision. */
  async #stream({ id, version }: OwnOrder): Promise<OwnOrder | undefined> {
    const { url, apiKey, ledger, stop } = this.#sale;
    const client = { baseUrl: url, ...(apiKey === undefined ? {} : { apiKey }) };
    const signal = AbortSignal.any([
      stop,
      AbortSignal.timeout(Math.max(0, Math.round(this.#endsAt - performance.now()))),
    ]);
    streamCount++;
    const knownVersion = ledger.versionOf(this.#buyer.index);
    try {
      for await (const order of watchOrder(client, id, { lastVersion: version, signal })) {
        ledger.noteOrder(this.#buyer.index, order, knownVersion);
        if (order.status !== "PENDING") return order;
      }
      return undefined;
    } finally {
      streamCount--;
    }
  }

  async #poll(first: OwnOrder, isWaiting: boolean): Promise<OwnOrder> {
    const { gateway, ledger, pause } = this.#sale;
    const options = isWaiting ? { waitSeconds } : {};
    let order = first;
    while (order.status === "PENDING") {
      if (!isWaiting) await pause(200 + Math.random() * 800);
      const knownVersion = ledger.versionOf(this.#buyer.index);
      const polled = order;
      const answer = await this.#untilAnswered(() => gateway.getOrder(polled, options));
      if (answer.kind === "problem") throw new Error(`order ${order.id} was answered ${answer.problem.code}`);
      if (answer.kind === "order") {
        ({ order } = answer);
        ledger.noteOrder(this.#buyer.index, answer.order, knownVersion);
      }
      if (performance.now() > this.#endsAt) throw new Error(`order ${order.id} was not decided in time`);
    }
    return order;
  }
}

function purchaseOf(eventCode: string, { ticketType, quantity, index, payment }: Buyer): object {
  const hold = payment === undefined ? {} : { holdSeconds };
  return { eventCode, ticketType, quantity, customerRef: customerRefOf(index), ...hold };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
