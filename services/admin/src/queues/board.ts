import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { Queue } from "@onsale/queue/boards";
import { countJobs } from "@onsale/queue/queues";
import type { FastifyError } from "fastify";
import { queueBoardHelmet } from "../access/security-headers.ts";
import { describeRefused } from "../errors/error-handler.ts";
import type { App, Parts } from "../parts.ts";
import { presentData, presentName, presentResult } from "./present-job.ts";

const path = "/queues";
const pollSeconds = 10;
const failed = {
  status: 503,
  message: "The queues do not answer at the moment. Orders are still accepted, and decided once they do.",
};
const logSeldom = createThrottle((log: () => void) => log());

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
    adapter.getJobCounts = () => countJobs(queue);
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
  // Bull Board would tell the browser what was thrown, and nobody else; what is thrown here goes on to our own handler.
  serverAdapter.setErrorHandler((error) => {
    throw error;
  });
  serverAdapter.setBasePath(path);
  await app.register(async (scope) => {
    scope.addHook("onRequest", async (_request, reply) => {
      await reply.helmet(queueBoardHelmet);
    });
    scope.setErrorHandler<FastifyError>((error, request, reply) => {
      const refused = describeRefused(error);
      if (refused === undefined) {
        logSeldom(() =>
          request.log.error({ err: error, path: request.url }, "the queues could not be shown or changed"),
        );
      }
      const { status, message } = refused ?? failed;
      // As Bull Board's page reads it, which shows the message.
      return reply.code(status).send({ error: { key: "ERRORS.INTERNAL_SERVER_ERROR" }, message });
    });
    await scope.register(serverAdapter.registerPlugin(), { prefix: path });
  });
}
