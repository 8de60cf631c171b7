// One stream for all tabs of a page: a browser opens six connections per host over HTTP/1.1, so a seventh tab with a
// stream of its own would hang. Each tab asks for the same Web Lock. The tab that has it leads: it holds the connection
// and sends each item to the others over a BroadcastChannel. When it is closed, the browser gives the lock to another
// tab, which connects at once. Browsers do not freeze a tab that holds a lock.
import { backoffMs } from "../request/backoff.ts";
import { delay } from "../request/timing.ts";
import { isRecord, type Shape } from "../wire/shape.ts";

/** How to watch in a page. */
export type SharedStreamOptions = Readonly<{
  signal?: AbortSignal | undefined;
  /** Told about each failure, before the next try. Only the tab that holds the connection is told. */
  onError?: ((error: unknown) => void) | undefined;
}>;

type SharedStream<T> = Readonly<{
  /** Tabs with the same name share a connection. */
  name: string;
  isExpected: Shape<T>;
  watch: (signal: AbortSignal) => AsyncIterable<T>;
}>;

const retryMinMs = 1_000;
/** The failure count from which on the pauses do not grow any more. */
const failureCountMax = 10;

/**
 * Yields the newest item whenever there is a new one: items that the caller was too slow for are left out.
 *
 * @throws TypeError of `watch`, and the signal's reason
 */
export async function* sharedStream<T>(
  { name, isExpected, watch }: SharedStream<T>,
  { signal, onError }: SharedStreamOptions = {},
): AsyncGenerator<T, void, void> {
  signal?.throwIfAborted();
  const leaving = new AbortController();
  const leave = () => leaving.abort(signal?.reason);
  signal?.addEventListener("abort", leave, { once: true });
  const inbox = createInbox<T>();
  leaving.signal.addEventListener("abort", inbox.end, { once: true });
  const tabs = openChannel(name, isExpected, inbox);

  async function lead(): Promise<void> {
    for (let failureCount = 0; !leaving.signal.aborted; failureCount++) {
      try {
        for await (const item of watch(leaving.signal)) {
          failureCount = 0;
          inbox.put(item);
          tabs.send(item);
        }
        tabs.sendEnd();
        return inbox.end();
      } catch (error) {
        if (leaving.signal.aborted) return;
        // A base URL or a fetch that cannot be used: the same in every tab, and after every pause.
        if (error instanceof TypeError) return inbox.fail(error);
        onError?.(error);
        const pauseMs = retryMinMs + backoffMs(Math.min(failureCount, failureCountMax));
        await delay(pauseMs, leaving.signal).catch(() => undefined);
      }
    }
  }

  // Pages without HTTPS have no locks: there each tab has a connection of its own.
  const locks = globalThis.navigator?.locks;
  const leading = locks === undefined ? lead() : locks.request(lockName(name), { signal: leaving.signal }, lead);
  // Rejects only when this tab leaves before it has the lock.
  Promise.resolve(leading).catch(() => undefined);
  try {
    yield* inbox.read();
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener("abort", leave);
    leaving.abort();
    tabs.close();
  }
}

const lockName = (name: string) => `onsale ${name}`;

type Inbox<T> = Readonly<{
  put: (item: T) => void;
  end: () => void;
  fail: (error: TypeError) => void;
  read: () => AsyncGenerator<T, void, void>;
}>;

/** Holds the newest item that was not read yet. */
function createInbox<T>(): Inbox<T> {
  let newest: Readonly<{ item: T }> | undefined;
  let isEnded = false;
  let failure: TypeError | undefined;
  let wake = () => {};
  return {
    put: (item) => {
      newest = { item };
      wake();
    },
    end: () => {
      isEnded = true;
      wake();
    },
    fail: (error) => {
      failure = error;
      wake();
    },
    read: async function* () {
      for (;;) {
        const next = newest;
        newest = undefined;
        if (next !== undefined) yield next.item;
        else if (failure !== undefined) throw failure;
        else if (isEnded) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}

type Tabs<T> = Readonly<{
  send: (item: T) => void;
  sendEnd: () => void;
  close: () => void;
}>;

/** Connects an inbox with the other tabs; asks the leading one for its last item. */
function openChannel<T>(name: string, isExpected: Shape<T>, inbox: Inbox<T>): Tabs<T> {
  const channel = new BroadcastChannel(lockName(name));
  const tab = String(Math.random());
  let lastSent: Readonly<{ item: T }> | undefined;
  channel.onmessage = ({ data }: Readonly<{ data: unknown }>) => {
    if (!isRecord(data) || (data.to !== undefined && data.to !== tab)) return;
    if (data.kind === "item" && isExpected(data.item)) inbox.put(data.item);
    else if (data.kind === "end") inbox.end();
    else if (data.kind === "ask" && lastSent !== undefined) {
      channel.postMessage({ kind: "item", item: lastSent.item, to: data.from });
    }
  };
  channel.postMessage({ kind: "ask", from: tab });
  return {
    send: (item) => {
      lastSent = { item };
      channel.postMessage({ kind: "item", item });
    },
    sendEnd: () => channel.postMessage({ kind: "end" }),
    close: () => channel.close(),
  };
}
