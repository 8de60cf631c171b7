// The life of an order in full size: 1,000 clients change it at once, and many orders live on the last tickets, while
// gateways and workers are killed.
import { strict as assert } from "node:assert";
import { it } from "node:test";
import { expireHold } from "../../support/database/holds.ts";
import {
  type Answered,
  type Ask,
  askUntilAnswered,
  cancel,
  confirm,
  type Kill,
  purchase,
} from "../../support/orders/ask.ts";
import {
  gatewayNames,
  type KillableInstallation,
  processNames,
  startKillableInstallation,
  workerNames,
} from "../../support/orders/killable-installation.ts";
import { assertConsistent, readBooks } from "../../support/orders/order-books.ts";
import { confirmOrExpire, racesForOne } from "../../support/orders/races.ts";
import { runRaces, untilSettled, watchStock } from "../../support/orders/run-races.ts";
import { createRandom } from "../../support/random.ts";
import { describeOnBackends } from "../../support/services/backends.ts";
import { untilTrue } from "../../support/until.ts";

const count = 1_000;
const laterKillCount = 3;
const clientCount = 12;

describeOnBackends("the life of orders while processes are killed", (backend) => {
  const { random, seed } = createRandom();
  const drawProcesses = () => processNames.filter(() => random() < 0.4);

  /**
   * Gateways die before the first change is committed, and when it is; then both workers, and others at some moments.
   */
  function drawKills(): readonly Kill[] {
    const drawMoment = () => Math.floor(random() * count * 0.9);
    const later = Array.from({ length: laterKillCount }, () => ({ moment: drawMoment(), names: drawProcesses() }));
    const noWorker = { moment: drawMoment(), names: workerNames };
    const some = random() < 0.5 ? gatewayNames : gatewayNames.slice(1);
    return [{ moment: "blocked", names: some }, { moment: "transition", names: gatewayNames }, noWorker, ...later];
  }

  const races = { ...racesForOne, "the end of a hold, paid or expired": confirmOrExpire };
  for (const [title, race] of Object.entries(races)) {
    it(`${count} ask for ${title}, seed ${seed}`, async (t) => {
      const installation = await startKillableInstallation(backend);
      const options = { count, kills: drawKills(), random };
      const { repeatedCount, readCount } = await runRaces(installation, [race], options);
      t.diagnostic(`${repeatedCount} of ${count} were sent again; the stock was read ${readCount} times`);
    });
  }

  /** A buyer whose orders are held, paid in time or late, and cancelled; returns all answers. */
  async function live(installation: KillableInstallation, eventCode: string, isOver: () => boolean) {
    const answers: Answered[] = [];
    const ask = async (wanted: Ask): Promise<Answered> => {
      const answered = await askUntilAnswered(installation, wanted, random);
      answers.push(answered);
      return answered;
    };
    while (!isOver()) {
      const { body: order } = await ask(purchase(eventCode, 1 + Math.floor(random() * 3), true));
      if (order.status !== "HELD") continue;
      const roll = random();
      if (roll < 0.25) await expireHold(installation.db, order.id);
      if (roll < 0.6) {
        const { status } = await ask(confirm(order.id, `pay-${order.id}`));
        if (status !== 200 || random() < 0.1) continue;
      }
      await ask(cancel(order.id, null));
    }
    return answers;
  }

  it(`everything that was answered stays, on the last tickets, seed ${seed}`, async (t) => {
    const installation = await startKillableInstallation(backend);
    const { apis, db, kill } = installation;
    const eventCode = await apis[0].createEvent({ STANDARD: 60 });
    const watching = watchStock(installation, [eventCode]);
    let isOver = false;
    const living = Array.from({ length: clientCount }, () => live(installation, eventCode, () => isOver));
    const countCancelled = async () => {
      const rows = await db.selectFrom("orders").where("status", "=", "CANCELLED").select("id").execute();
      return rows.length;
    };
    const killOften = async () => {
      for (let round = 0; round < 6; round++) {
        const before = await countCancelled();
        await untilTrue("orders live on", async () => (await countCancelled()) > before + 20, 30_000);
        await kill(drawProcesses());
      }
    };
    await killOften().finally(() => {
      isOver = true;
      watching.end();
    });
    const answers = (await Promise.all(living)).flat();
    const readCount = await watching.ended;
    await untilSettled(installation, [eventCode]);
    const books = await readBooks(db, eventCode);
    for (const book of books) {
      const own = answers.filter(({ body }) => body.id === book.id);
      assertConsistent(book, own);
      // Whoever was answered 200 last says how the order is now.
      const last = own.findLast(({ status }) => status === 200);
      if (last !== undefined && book.status !== "EXPIRED") assert.equal(last.body.status, book.status);
    }
    t.diagnostic(`${books.length} orders lived, of ${answers.length} answers; the stock was read ${readCount} times`);
  });
});
