// Work for the reference that would keep purchases waiting, in a thread of its own.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Runs a module in a thread, and resolves with the bytes that it sends; the thread takes its memory with it. */
export async function runThread(module: URL, workerData?: unknown): Promise<Buffer> {
  const worker = new Worker(module, { execArgv: [], workerData });
  try {
    const [message] = await once(worker, "message");
    if (!(message instanceof Uint8Array)) throw new Error(`the thread of ${module.pathname} sent no bytes`);
    return Buffer.from(message);
  } finally {
    await worker.terminate();
  }
}

/** Calls a function once, and remembers what it resolves with; a failure is tried again. */
export function onceLoaded<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
