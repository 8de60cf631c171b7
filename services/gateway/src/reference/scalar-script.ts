// The script of Scalar, compressed. It has 5 MB, so a thread of its own loads and compresses it when the page is first
// asked for: purchases go on meanwhile, a gateway that nobody reads the reference of never loads it, and the thread
// takes its memory with it.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** @returns a function that resolves with the script, compressed with gzip; a failure is tried again */
export function createScalarScript(): () => Promise<Buffer> {
  let loading: Promise<Buffer> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

async function load(): Promise<Buffer> {
  const worker = new Worker(new URL("./scalar-worker.ts", import.meta.url), { execArgv: [] });
  try {
    const [message] = await once(worker, "message");
    if (!(message instanceof Uint8Array)) throw new Error("the thread that loads Scalar sent no script");
    return Buffer.from(message);
  } finally {
    await worker.terminate();
  }
}
