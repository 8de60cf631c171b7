// One connection to the server's stream, which comes back by itself. A stream can be dead without being closed: the server
// says something every three seconds, so a stream that is silent for ten is given up. Why a stream was refused it cannot
// tell; that is asked for.
import type { Change } from "../../console/messages.ts";
import { ask, unreachable } from "./ask.ts";

const retryMs = 2_000;
const silenceMaxMs = 10_000;
/** A server that is frozen takes questions and answers none. */
const answerMaxMs = 5_000;

export type Listener = Readonly<{
  /** `isFirst`: it has all there is to know, and nothing that was told before counts any more. */
  onChange: (change: Change, isFirst: boolean) => void;
  /** `silent`: nothing came for too long; `lost`: there is no connection. With a sentence that says so. */
  onTrouble: (connection: "silent" | "lost", sentence: string) => void;
}>;

/** Stays connected until `signal` says that it is over. */
export function listen(url: string, signal: AbortSignal, { onChange, onTrouble }: Listener): void {
  let source: EventSource | undefined;
  let retry: number | undefined;
  let silence: number | undefined;

  const leave = () => {
    clearTimeout(retry);
    clearTimeout(silence);
    source?.close();
  };
  signal.addEventListener("abort", leave);

  function expectMessage(): void {
    clearTimeout(silence);
    silence = window.setTimeout(() => {
      onTrouble("silent", "The admin service has not said anything for ten seconds.");
      void reconnect();
    }, silenceMaxMs);
  }

  function connect(): void {
    let isFirst = true;
    const opened = new EventSource(url);
    source = opened;
    expectMessage();
    opened.onopen = () => {
      isFirst = true;
    };
    opened.onmessage = ({ data }) => {
      expectMessage();
      const change: Change = JSON.parse(data);
      onChange(change, isFirst);
      isFirst = false;
    };
    opened.onerror = () => {
      onTrouble("lost", unreachable);
      // A connection that broke is made again by the browser; a refused one is not.
      if (opened.readyState === EventSource.CLOSED) void reconnect();
    };
  }

  async function reconnect(): Promise<void> {
    leave();
    const answer = await ask("/api/session", signal, answerMaxMs);
    if (signal.aborted) return;
    if (!answer.ok) onTrouble("lost", answer.message);
    retry = window.setTimeout(() => (answer.ok ? connect() : void reconnect()), retryMs);
  }

  connect();
}
