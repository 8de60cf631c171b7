import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { createPool } from "@onsale/database/client";
import { type QueueSource, queueSettings } from "@onsale/queue/backend";
import { allocateLanes, deliverLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { type AdminClient, logIn, startAdminService } from "../../support/browser/admin.ts";
import { createBoardOf } from "../../support/browser/admin-board.ts";
import { atEnd } from "../../support/cleanup.ts";
import { describeOnBackends } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { startNotifier } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";
import { startReceiver } from "../../support/webhooks/receiver.ts";
import { createWebhook, webhookSettings } from "../../support/webhooks/webhooks.ts";

/** The backend of an installation's queues. */
function queueSourceOf({ environment: { REDIS_URL, DATABASE_URL = "" } }: Installation): QueueSource {
  if (REDIS_URL) return { kind: "redis", urls: [REDIS_URL] };
  const pool = createPool({
    url: DATABASE_URL,
    connectionCountMax: 2,
    applicationName: "onsale-test",
    settings: queueSettings,
  });
  atEnd(() => pool.end());
  return { kind: "postgres", pool };
}

/** Enqueues a job that must fail: its endpoint id is not valid. */
async function enqueueInvalidJob(installation: Installation): Promise<void> {
  const producer = openProducer(queueSourceOf(installation), deliverLanes, () => undefined);
  atEnd(() => producer.close());
  await until("it is enqueued", async () => (await producer.enqueue({ endpointId: "not-a-uuid" })) || undefined);
}

describeOnBackends("Bull Board", (backend) => {
  let installation: Installation;
  let admin: AdminClient;
  let board: ReturnType<typeof createBoardOf>;

  before(async () => {
    installation = await startInstallation(backend, { settings: { ...webhookSettings(), PARTITIONS: "2" } });
    const { environment } = installation;
    const [service] = await Promise.all([startAdminService(environment), startNotifier(environment)]);
    admin = await logIn(service.url);
    board = createBoardOf(admin);
  });

  it("shows all queues of the installation", async () => {
    const names = (await board.queues()).map(({ name }) => name);
    assert.deepEqual(names.toSorted(), ["allocate-0", "allocate-1", "deliver"]);
  });

  it("pauses and resumes the decisions; no order is lost, and the console shows the queues as paused", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const stream = await admin.openStream();
    await board.press("pause");
    const shownQueues = () => {
      return stream.messages.findLast(({ data }) => data.sections.queues !== undefined)?.data.sections.queues ?? [];
    };
    const isShownAsPaused = (paused: boolean) => {
      const queues = shownQueues();
      return queues.length > 0 && queues.every(({ restrictions }) => restrictions.includes("paused") === paused);
    };
    const { body } = await api.purchase({ eventCode, waitSeconds: 1 });
    assert.equal(body.status, "PENDING");
    await untilTrue("the console shows the queues as paused, and a waiting job", () => {
      const isWaiting = shownQueues().some(({ name, waiting }) => name.startsWith("allocate") && waiting > 0);
      return isShownAsPaused(true) && isWaiting;
    });
    assert(
      (await board.queues()).some(({ counts }) => (counts.waiting ?? 0) > 0),
      "Bull Board shows it too",
    );
    const producer = openProducer(queueSourceOf(installation), allocateLanes(2), () => undefined);
    atEnd(() => producer.close());
    const counts = await until("the producer counts the jobs", producer.countJobs);
    assert(
      Object.values(counts).some(({ waiting = 0 }) => waiting > 0),
      "the producer counts it too",
    );
    await board.press("resume");
    await untilTrue("it is decided", async () => (await api.order(body.id)).status === "CONFIRMED");
    await untilTrue("the console shows them as resumed", () => isShownAsPaused(false));
  });

  it("shows the events of an allocate job, the outcomes, and the duration", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 1 });
    await Promise.all(Array.from({ length: 3 }, () => api.purchase({ eventCode, waitSeconds: 10 })));
    const isShown = async () => {
      const queues = await Promise.all(["allocate-0", "allocate-1"].map((name) => board.queue(name, "completed")));
      return queues
        .flatMap(({ jobs }) => jobs)
        .some(({ name, returnValue }) => {
          const text = JSON.stringify(returnValue);
          return (
            /^allocate partition [01]$/.test(name) &&
            text.includes(`"${eventCode}: `) &&
            /"outcome":"\d confirmed, \d rejected".*"duration":"\d+ ms"/.test(text)
          );
        });
    };
    await untilTrue("the job is shown", isShown);
  });

  it("shows the endpoint and the outcome of a deliver job", async () => {
    const { api } = installation;
    const receiver = await startReceiver();
    const eventCode = await api.createEvent({ STANDARD: 10 });
    await createWebhook(api, receiver.url, eventCode);
    await api.purchase({ eventCode, waitSeconds: 10 });
    const { origin } = new URL(receiver.url);
    const job = await until("the job is shown by its name", async () => {
      const { jobs } = await board.queue("deliver", "completed");
      return jobs.find(
        ({ name, returnValue }) => name === `deliver to ${origin}` && /1 delivered/.test(JSON.stringify(returnValue)),
      );
    });
    assert.equal(Reflect.get(Object(job.data), "endpoint"), origin);
    assert.match(JSON.stringify(job.returnValue), /"outcome":"1 delivered, 0 failed".*"duration":"\d+ ms"/);
  });

  it("retries failed jobs, one or all of them", async () => {
    await enqueueInvalidJob(installation);
    const failedJob = async () => (await board.queue("deliver", "failed")).jobs[0];
    const failed = await until("it has failed", failedJob);
    assert.match(failed.failedReason, /uuid/);
    await board.press(`deliver/${failed.id}/retry`);
    await untilTrue("it was retried", async () => ((await failedJob())?.attempts ?? 0) > failed.attempts);
    await board.press("deliver/retry/failed");
    await untilTrue("it was retried once more", async () => ((await failedJob())?.attempts ?? 0) > failed.attempts + 1);
  });
});
