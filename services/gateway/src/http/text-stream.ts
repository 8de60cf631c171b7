// Answers that are too long for memory: their text is made while the client reads. The next chunk is made when the
// client has read most of the one before, so a slow reader costs the memory of a few chunks and nothing else.
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

export type TextStream = Readonly<{
  /** Calls `action` when the answer has ended in any way; at once, when it has ended already. */
  onEnd: (action: () => void) => void;
  /** Cuts the connection: the client sees that the answer is not complete. */
  end: () => void;
  /** Sends the chunks. The answer is cut when one of them cannot be made. */
  send: (chunks: AsyncIterable<string>) => FastifyReply;
}>;

/** Text that is made ahead of the reader. */
const highWaterMarkBytes = 64 * 1024;

/** @param stallMaxMs an answer whose reader takes longer for a chunk is cut */
export function openTextStream(reply: FastifyReply, stallMaxMs: number): TextStream {
  const { raw } = reply;
  const ended = new AbortController();
  const end = () => void raw.destroy();
  const watchdog = setTimeout(end, stallMaxMs);
  const finish = () => {
    clearTimeout(watchdog);
    ended.abort();
  };
  // The client may have left before the stream was opened.
  if (raw.closed) finish();
  else raw.once("close", finish);

  async function* watched(chunks: AsyncIterable<string>) {
    for await (const chunk of chunks) {
      if (ended.signal.aborted) return;
      watchdog.refresh();
      if (chunk !== "") yield chunk;
    }
  }

  return {
    onEnd: (action) => {
      if (ended.signal.aborted) action();
      else ended.signal.addEventListener("abort", action, { once: true });
    },
    end,
    send: (chunks) =>
      reply.send(Readable.from(watched(chunks), { objectMode: false, highWaterMark: highWaterMarkBytes })),
  };
}
