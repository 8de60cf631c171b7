// The event and its stock, live. All tabs share one stream (`shareSale`).
import {
  getEvent,
  getInventory,
  type Inventory,
  ProblemError,
  type SaleEvent,
  type SaleSnapshot,
  type SaleWindow,
  shareSale,
  type TicketTypeOfEvent,
} from "@onsale/client";
import { noteServerTime } from "./clock.ts";
import { memory } from "./memory.ts";
import { client, eventCode } from "./shop-client.ts";
import { createValue } from "./value.ts";

export type Sale = Readonly<{
  /** Null until it is known. */
  event: SaleEvent | null;
  window: SaleWindow | null;
  /** By ticket type. */
  stock: ReadonlyMap<string, Inventory>;
}>;

export const sale = createValue<Sale>({ event: null, window: null, stock: new Map() });

/** Whether the shop and Onsale answer. */
export const isConnected = createValue(true);

/** The back end sends something every ten seconds. */
const silenceMs = 25_000;
const retryMs = 2_000;
/** The stream has the public ticket types only. */
const hiddenStockMs = 3_000;

/** Follows the sale for as long as the page is open. */
export function followSale(): void {
  void followStock();
  void readEventUntilKnown();
  setInterval(() => void readHiddenStock(), hiddenStockMs);
}

/** Reads the event anew, with the ticket types that a code opens. */
export async function readEvent(accessCode: string): Promise<void> {
  const code = accessCode === "" ? undefined : accessCode;
  const signal = AbortSignal.timeout(10_000);
  const [found, stock] = await Promise.all([
    getEvent(client, eventCode, { accessCode: code, signal }),
    getInventory(client, eventCode, { accessCode: code, signal }),
  ]);
  const { window } = sale.get();
  const ticketTypes = found.ticketTypes.toSorted((one, other) => amountOf(one) - amountOf(other));
  const event = { ...found, ticketTypes };
  sale.set({ event, window: window ?? event.sale, stock: new Map(stock.map((type) => [type.ticketType, type])) });
}

const amountOf = ({ price }: TicketTypeOfEvent) => price?.amount ?? 0;

async function readEventUntilKnown(): Promise<void> {
  for (;;) {
    try {
      return await readEvent(memory.get().accessCode);
    } catch (error) {
      // A code that was revoked meanwhile must not keep the page empty.
      const isWrongCode = error instanceof ProblemError && error.code === "access-code-not-found";
      if (isWrongCode) return readEvent("");
      isConnected.set(false);
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

async function followStock(): Promise<void> {
  let silence = 0;
  const isAlive = () => {
    clearTimeout(silence);
    silence = setTimeout(() => isConnected.set(false), silenceMs);
  };
  isAlive();
  for await (const snapshot of shareSale(client, eventCode, { onError: () => isConnected.set(false) })) {
    isAlive();
    isConnected.set(isLive(snapshot));
    noteServerTime(snapshot.at);
    const { event, stock } = sale.get();
    const changed = snapshot.inventory.map((type) => [type.ticketType, type] as const);
    sale.set({ event, window: snapshot.sale, stock: new Map([...stock, ...changed]) });
  }
}

/** The shop's back end adds to the snapshot whether Onsale answers. */
function isLive(snapshot: SaleSnapshot): boolean {
  return !("isLive" in snapshot) || snapshot.isLive === true;
}

async function readHiddenStock(): Promise<void> {
  const { event, window, stock } = sale.get();
  const hasHidden = event?.ticketTypes.some(({ visibility }) => visibility === "code") ?? false;
  if (!hasHidden || document.hidden) return;
  const signal = AbortSignal.timeout(10_000);
  const { accessCode } = memory.get();
  const found = await getInventory(client, eventCode, { accessCode, signal }).catch(() => []);
  const changed = found.map((type) => [type.ticketType, type] as const);
  sale.set({ event, window, stock: new Map([...stock, ...changed]) });
}
