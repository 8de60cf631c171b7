// A client of Bull Board's API, which Bull Board's pages use, and of the console's buttons for queues.
import { strict as assert } from "node:assert";
import type { QueueAction } from "@onsale/queue/boards";
import type { AdminClient } from "./admin.ts";

export type BoardJob = Readonly<{
  id: string;
  name: string;
  data: unknown;
  returnValue: unknown;
  failedReason: string;
  isFailed: boolean;
  /** Where the console shows what the job is about. */
  externalUrl: Readonly<{ href: string }>;
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
    /** Presses a button of the console. */
    act: async (name: string, action: QueueAction) => {
      const { status, text } = await admin.send("POST", `/api/queues/${name}/${action}`);
      assert.equal(status, 204, text);
    },
  };
}
