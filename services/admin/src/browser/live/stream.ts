// One connection to the server's stream, which is made again when it breaks. A stream can be dead without being closed:
// the server sends something every three seconds, so a stream that is silent for ten is closed. An EventSource does not
// say why the server refused it; a request to /api/session does.
import type { Change } from "../../console/messages/messages.ts";
import { getJson, unreachable } from "./requests.ts";

const retryMs = 2_000;
const silenceMaxMs = 10_000;
/** A frozen server accepts requests and does not answer them. */
const answerMaxMs = 5_000;

export type StreamHandlers = Readonly<{
  /** `isFirst`: the message has everything, and replaces what earlier messages had. */
  onChange: (change: Change, isFirst: boolean) => void;
  /** `silent`: no message for too long; `lost`: there is no connection. `sentence` tells the user. */
  onTrouble: (connection: "silent" | "lost", sentence: string) => void;
}>;

/** Stays connected until `signal` is aborted. */
export function connectStream(url: string, signal: AbortSignal, { onChange, onTrouble }: StreamHandlers): void {
  let source: EventSource | undefined;
  let retry: number | undefined;
  let silence: number | undefined;

  const disconnect = () => {
    clearTimeout(retry);
    clearTimeout(silence);
    source?.close();
  };
  signal.addEventListener("abort", disconnect);

  function expectMessage(): void {
    clearTimeout(silence);
    silence = window.setTimeout(() => {
      onTrouble("silent", "The admin service has sent nothing for ten seconds.");
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
      // The browser reconnects by itself after a broken connection, but not after an error response.
      if (opened.readyState === EventSource.CLOSED) void reconnect();
    };
  }

  async function reconnect(): Promise<void> {
    disconnect();
    const result = await getJson("/api/session", signal, answerMaxMs);
    if (signal.aborted) return;
    if (!result.ok) onTrouble("lost", result.message);
    retry = window.setTimeout(() => (result.ok ? connect() : void reconnect()), retryMs);
  }

  connect();
}
