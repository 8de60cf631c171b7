import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import type { Queue } from "@onsale/queue/boards";
import { queueBoardHelmet } from "../access/security-headers.ts";
import type { App, Parts } from "../parts.ts";
import { presentData, presentName, presentResult } from "./present-job.ts";

const path = "/queues";
const pollSeconds = 10;

/** Bull Board over all queues of the installation, with jobs as people read them. */
export async function registerQueueBoard(app: App, { boards, names, isReadOnly }: Parts): Promise<void> {
  const serverAdapter = new FastifyAdapter();
  const describe = (queue: Queue) => {
    const adapter = new BullMQAdapter(queue, {
      readOnlyMode: isReadOnly,
      description: queue.name.startsWith("allocate")
        ? "Decides the pending orders of the partition's events."
        : "Sends webhooks; a job per endpoint.",
    });
    adapter.setFormatter("data", (data: unknown) => presentData(data, names));
    adapter.setFormatter("name", (job: unknown) => presentName(job, names));
    adapter.setFormatter("returnValue", (result: unknown) => presentResult(result, names));
    return adapter;
  };
  createBullBoard({
    queues: boards.queues.map(describe),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: "Onsale queues",
        boardLogo: { path: "/assets/icon.svg", width: 24, height: 24 },
        favIcon: { default: "/assets/icon.svg", alternative: "/assets/icon.svg" },
        miscLinks: [{ text: "Live console", url: "/" }],
        hideDocsLink: true,
        pollingInterval: { showSetting: true, forceInterval: pollSeconds },
      },
    },
  });
  serverAdapter.setBasePath(path);
  await app.register(async (scope) => {
    scope.addHook("onRequest", async (_request, reply) => {
      await reply.helmet(queueBoardHelmet);
    });
    await scope.register(serverAdapter.registerPlugin(), { prefix: path });
  });
}
