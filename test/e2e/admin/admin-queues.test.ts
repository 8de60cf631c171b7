import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { allocateLanes, deliverLanes } from "@onsale/queue/lanes";
import { openProducer } from "@onsale/queue/producer";
import { type AdminClient, logIn, startAdminService } from "../../support/browser/admin.ts";
import { createBoardOf } from "../../support/browser/admin-board.ts";
import { atEnd } from "../../support/cleanup.ts";
import { describeOnBackends } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { queueSourceOf } from "../../support/services/queue-source.ts";
import { startNotifier } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";
import { answer, startReceiver } from "../../support/webhooks/receiver.ts";
import { createWebhook, webhookSettings } from "../../support/webhooks/webhooks.ts";

/** Enqueues a job that must fail: its endpoint id is not valid. */
async function enqueueInvalidJob(installation: Installation): Promise<void> {
  const producer = openProducer(queueSourceOf(installation.environment), deliverLanes, () => undefined);
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

  it("pauses and releases queues; orders are decided without them, and the console shows it", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const stream = await admin.openStream();
    const names = ["allocate-0", "allocate-1", "deliver"];
    for (const name of names) await board.act(name, "pause");
    const shownQueues = () => {
      return stream.messages.findLast(({ data }) => data.sections.queues !== undefined)?.data.sections.queues ?? [];
    };
    const isShownAsPaused = (paused: boolean) => {
      const queues = shownQueues();
      return queues.length > 0 && queues.every(({ restrictions }) => restrictions.includes("paused") === paused);
    };
    await untilTrue("the console shows the queues as paused", () => isShownAsPaused(true));
    const { body } = await api.purchase({ eventCode });
    const decidedBy = await until("the console shows a waiting job", () => {
      return shownQueues().find(({ name, waiting }) => name.startsWith("allocate") && waiting > 0)?.name;
    });
    assert((await board.queue(decidedBy)).counts.waiting === 1, "Bull Board shows it too");
    const producer = openProducer(queueSourceOf(installation.environment), allocateLanes(2), () => undefined);
    atEnd(() => producer.close());
    const counts = await until("the producer counts the jobs", producer.countJobs);
    assert(
      Object.values(counts).some(({ waiting = 0 }) => waiting > 0),
      "the producer counts it too",
    );
    // The queue stays paused, and a worker decides without it.
    await untilTrue("it is decided", async () => (await api.order(body.id)).status === "CONFIRMED");
    assert.equal(await board.isPaused(decidedBy), true);
    for (const name of names) await board.act(name, "release");
    await untilTrue("the console shows them as released", () => isShownAsPaused(false));
    await untilTrue("the waiting job has run", async () => (await board.queue(decidedBy)).counts.waiting === 0);
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
    assert.match(JSON.stringify(job.returnValue), /"outcome":"1 delivered".*"duration":"\d+ ms"/);
  });

  it("shows that webhooks failed, also of a job that BullMQ calls completed, and leads to the endpoint", async () => {
    const { api } = installation;
    const receiver = await startReceiver();
    receiver.respondWith(answer(500));
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const webhook = await createWebhook(api, receiver.url, eventCode);
    await api.purchase({ eventCode, waitSeconds: 10 });
    const { origin } = new URL(receiver.url);
    const job = await until("the job is shown with its failures", async () => {
      const { jobs } = await board.queue("deliver", "completed");
      return jobs.find(({ name }) => name === `1 of 1 failed: deliver to ${origin}`);
    });
    assert.equal(job.isFailed, true);
    assert.match(job.failedReason, /^1 of 1 failed\. Each is tried again/);
    assert.equal(job.externalUrl.href, `/#/webhooks/${webhook.id}`);
  });

  it("shows failed jobs with their reason, and the console forgets them", async () => {
    await enqueueInvalidJob(installation);
    const failed = await until("it has failed", async () => (await board.queue("deliver", "failed")).jobs[0]);
    assert.match(failed.failedReason, /^this is no job of Onsale/);
    await board.act("deliver", "remove-failed");
    assert.equal((await board.queue("deliver")).counts.failed, 0);
  });
});
