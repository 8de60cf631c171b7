// A client of Bull Board's API, which Bull Board's pages use.
import { strict as assert } from "node:assert";
import type { AdminClient } from "./admin.ts";

export type BoardJob = Readonly<{
  id: string;
  name: string;
  data: unknown;
  returnValue: unknown;
  failedReason: string;
  attempts: number;
}>;

export type BoardQueue = Readonly<{
  name: string;
  isPaused: boolean;
  readOnlyMode: boolean;
  counts: Readonly<Record<string, number>>;
  jobs: readonly BoardJob[];
}>;

export function createBoardOf(admin: AdminClient) {
  const read = (query = "") => admin.get<{ queues: readonly BoardQueue[] }>(`/queues/api/queues${query}`);
  const queueOf = async (name: string, status = "latest"): Promise<BoardQueue> => {
    const { queues } = await read(`?activeQueue=${name}&status=${status}&page=1&jobsPerPage=20`);
    const found = queues.find((queue) => queue.name === name);
    assert(found !== undefined, `there is a queue ${name}`);
    return found;
  };
  return {
    queues: async () => (await read()).queues,
    queue: queueOf,
    isPaused: async (name: string) => (await queueOf(name)).isPaused,
    /** Sends the request of a button. */
    press: async (path: string) => {
      const { status, text } = await admin.send("PUT", `/queues/api/queues/${path}`);
      assert(status < 300, `${path}: ${status} ${text}`);
    },
  };
}
