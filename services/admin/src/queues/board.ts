import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { Boards, Queue } from "@onsale/queue/boards";
import { countJobs } from "@onsale/queue/queues";
import type { FastifyError } from "fastify";
import { queueBoardHelmet } from "../access/security-headers.ts";
import { describeExpectedError } from "../errors/error-handler.ts";
import type { App } from "../http/app-type.ts";
import { allowedRoutes, refusal } from "./allowed-routes.ts";
import { toOwnPage } from "./own-page.ts";
import { findFailures, type JobNames, linkOf, presentData, presentName, presentResult } from "./present-job.ts";

const path = "/queues";
const pollSeconds = 10;
const serverError = {
  status: 503,
  message: "The queues do not answer at the moment. Orders are still accepted, and decided when the queues are back.",
};
const logSeldom = createThrottle((log: () => void) => log());

export type QueueBoardParts = Readonly<{ boards: Boards; names: JobNames }>;

/**
 * Serves Bull Board for all queues of the installation, to look at them only (allowed-routes.ts). Its jobs show names
 * and units in place of ids and counts.
 */
export async function registerQueueBoard(app: App, { boards, names }: QueueBoardParts): Promise<void> {
  const serverAdapter = new FastifyAdapter();
  const createAdapter = (queue: Queue) => {
    const isAllocating = queue.name.startsWith("allocate");
    const adapter = new BullMQAdapter(queue, {
      // Leaves out the buttons of all that is refused.
      readOnlyMode: true,
      description: isAllocating
        ? "Decides the pending orders of the partition's events."
        : "Sends webhooks; a job per endpoint.",
      ...(isAllocating ? {} : { externalJobUrl: ({ data }) => linkOf(data) }),
    });
    adapter.getJobCounts = () => countJobs(queue);
    adapter.setFormatter("data", (data: unknown) => presentData(data, names));
    adapter.setFormatter("name", (job: unknown) => presentName(job, names));
    adapter.setFormatter("returnValue", (result: unknown) => presentResult(result, names));
    const { getJob, getJobs } = { getJob: adapter.getJob.bind(adapter), getJobs: adapter.getJobs.bind(adapter) };
    adapter.getJob = async (id) => {
      const job = await getJob(id);
      return job && markFailures(job);
    };
    adapter.getJobs = async (...range) => (await getJobs(...range)).map(markFailures);
    return adapter;
  };
  createBullBoard({
    queues: boards.queues.map(createAdapter),
    serverAdapter,
    options: {
      handlerHooks: {
        before: ({ method, route }) =>
          allowedRoutes.has(`${method} ${route}`) ? { allow: true } : { allow: false, status: 403, message: refusal },
      },
      uiConfig: {
        boardTitle: "Onsale queues",
        boardLogo: { path: "/assets/icon.svg", width: 24, height: 24 },
        favIcon: { default: "/assets/icon.svg", alternative: "/assets/icon.svg" },
        miscLinks: [{ text: "Live console", url: "/" }],
        hideDocsLink: true,
        // Figures of a Redis that there may not be, so their route is refused, too.
        hideRedisDetails: true,
        pollingInterval: { showSetting: true, forceInterval: pollSeconds },
      },
    },
  });
  // Bull Board's own handler would send the error to the browser, unlogged. Rethrown, it goes to the handler below.
  serverAdapter.setErrorHandler((error) => {
    throw error;
  });
  serverAdapter.setBasePath(path);
  await app.register(async (scope) => {
    scope.addHook("onRequest", async (_request, reply) => {
      await reply.helmet(queueBoardHelmet);
    });
    scope.addHook("onSend", async (_request, reply, payload) => {
      const isPage = typeof payload === "string" && String(reply.getHeader("content-type")).startsWith("text/html");
      return isPage ? toOwnPage(payload) : payload;
    });
    scope.setErrorHandler<FastifyError>((error, request, reply) => {
      const expected = describeExpectedError(error);
      if (expected === undefined) {
        logSeldom(() => request.log.error({ err: error, path: request.url }, "the queues could not be shown"));
      }
      const { status, message } = expected ?? serverError;
      // The format that Bull Board's page expects; it shows the message.
      return reply.code(status).send({ error: { key: "ERRORS.INTERNAL_SERVER_ERROR" }, message });
    });
    await scope.register(serverAdapter.registerPlugin(), { prefix: path });
  });
}

type ShownJob = { readonly returnvalue: unknown; failedReason: string; progress: unknown };

/**
 * BullMQ calls a job of the notifier completed when it has done its work, also when receivers refused the webhooks.
 * With a reason Bull Board shows such a job as one that failed. The job was read for one answer; nothing stores it.
 */
function markFailures<Shown extends ShownJob>(job: Shown): Shown {
  const failures = findFailures(job.returnvalue);
  if (failures === undefined) return job;
  job.failedReason ||= failures.reason;
  job.progress = failures.progress;
  return job;
}
