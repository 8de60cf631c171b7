// Buyers who purchase all the time, and repeat a purchase that could not be recorded with the same key, as clients do.
import { strict as assert } from "node:assert";
import { setTimeout as delay } from "node:timers/promises";
import { type Api, newKey } from "../../http/api.ts";

export type Buyers = Readonly<{
  /** The orders that were accepted so far, by their keys. */
  accepted: ReadonlyMap<string, string>;
  /** How often each status was answered so far. */
  statuses: ReadonlyMap<number, number>;
  /** Ends them, once each has been answered for its last purchase. */
  stop: () => Promise<void>;
}>;

const pauseMs = 20;
const acceptedStatuses: readonly number[] = [200, 202];

/** Starts buyers of one STANDARD ticket each; a third of the purchases wait for the decision. */
export function startBuyers(api: Pick<Api, "purchase">, eventCode: string, buyerCount = 6): Buyers {
  const accepted = new Map<string, string>();
  const statuses = new Map<number, number>();
  const faults: unknown[] = [];
  let isStopping = false;

  /** @returns whether it was accepted */
  async function purchase(key: string, wait: { waitSeconds?: number }): Promise<boolean> {
    const { status, headers, body } = await api.purchase({ eventCode, key, ...wait });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (acceptedStatuses.includes(status)) {
      accepted.set(key, body.id);
      return true;
    }
    if (status === 503) assert.match(headers.get("retry-after") ?? "", /^[1-9]/);
    return false;
  }

  async function run(): Promise<void> {
    for (let number = 0; !isStopping; number++) {
      const key = newKey();
      const wait = number % 3 === 0 ? { waitSeconds: 2 } : {};
      while (!(await purchase(key, wait))) await delay(pauseMs);
      await delay(pauseMs);
    }
  }

  const all = Promise.all(Array.from({ length: buyerCount }, () => run().catch((error) => void faults.push(error))));
  return {
    accepted,
    statuses,
    stop: async () => {
      isStopping = true;
      await all;
      assert.deepEqual(faults, []);
    },
  };
}

/** Fails unless buyers got no other answers than those that a client can act on, and their orders all exist. */
export async function assertKept({ accepted, statuses }: Buyers, api: Api, eventCode: string): Promise<void> {
  const others = [...statuses].filter(([status]) => ![...acceptedStatuses, 503].includes(status));
  assert.deepEqual(others, []);
  for (const id of new Set(accepted.values())) assert.equal((await api.order(id)).id, id);
  const { orders } = await api.assertSound(eventCode);
  assert.equal(new Set(accepted.values()).size, accepted.size, "each key has its own order");
  assert(orders.total >= accepted.size, `${orders.total} orders of ${accepted.size} accepted purchases`);
}
