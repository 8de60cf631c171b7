// The sale, as all browsers see it, from one stream of Onsale. Beside the stock it tells every page two more things:
// whether Onsale answers (`isLive`), and what time it is by Onsale's clock (`at`), for countdowns.
import { setTimeout as delay } from "node:timers/promises";
import { type Client, type SaleSnapshot, watchSale } from "@onsale/client";

export type ShownSale = SaleSnapshot & Readonly<{ isLive: boolean }>;

export type SaleFeed = Readonly<{
  /** Yields the sale now, after each change, and every ten seconds; ends when the browser has gone. */
  watch: (gone: AbortSignal) => AsyncGenerator<ShownSale, void, void>;
}>;

/** A page that hears nothing for longer than that knows that the connection is dead. */
const repeatMs = 10_000;
/** After an error that the SDK does not repeat, such as an event that does not exist. */
const pauseMs = 5_000;

/** Starts to watch the sale of an event; `closing` ends it. */
export function startSaleFeed(client: Client, eventCode: string, closing: AbortSignal): SaleFeed {
  const changes = createSignal();
  let latest: SaleSnapshot | undefined;
  let isLive = false;
  /** The first message of a connection may be old: the stream repeats the last change. */
  let isFirst = true;
  /** By how much Onsale's clock is ahead of ours. */
  let aheadMs = 0;
  let changeCount = 0;

  function change(): void {
    changeCount++;
    changes.ring();
  }

  function setLive(value: boolean): void {
    if (value === isLive) return;
    isLive = value;
    change();
  }

  /** The SDK connects again by itself; what it meets on the way says whether Onsale answers. */
  async function fetchAndNote(...request: Parameters<typeof fetch>): Promise<Response> {
    try {
      const response = await fetch(...request);
      isFirst = true;
      if (response.status >= 500) setLive(false);
      // The header has whole seconds, so on average it is half a second late.
      const date = Date.parse(response.headers.get("date") ?? "");
      if (!Number.isNaN(date)) aheadMs = date + 500 - Date.now();
      return response;
    } catch (error) {
      setLive(false);
      throw error;
    }
  }

  async function follow(): Promise<void> {
    for await (const snapshot of watchSale({ ...client, fetch: fetchAndNote }, eventCode, { signal: closing })) {
      if (!isFirst) aheadMs = Date.parse(snapshot.at) - Date.now();
      isFirst = false;
      latest = snapshot;
      isLive = true;
      change();
    }
  }

  async function followForEver(): Promise<void> {
    while (!closing.aborted) {
      await follow().catch((error: unknown) => closing.aborted || console.error(error));
      setLive(false);
      await delay(pauseMs, undefined, { signal: closing }).catch(() => undefined);
    }
  }

  void followForEver();
  return {
    watch: async function* (gone) {
      while (!gone.aborted) {
        const seenCount = changeCount;
        if (latest !== undefined) yield { ...latest, at: new Date(Date.now() + aheadMs).toISOString(), isLive };
        if (changeCount === seenCount) await changes.wait(repeatMs, gone);
      }
    },
  };
}

/** Wakes everybody who waits. */
function createSignal() {
  const listeners = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of [...listeners]) wake();
    },
    /** Resolves when it rings, after the time, or when the browser has gone. */
    wait: (ms: number, gone: AbortSignal) =>
      new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          listeners.delete(done);
          gone.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        listeners.add(done);
        gone.addEventListener("abort", done, { once: true });
      }),
  };
}
