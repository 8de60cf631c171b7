// Erases customers' references, a part of their orders at a time.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { forgetCustomer } from "@onsale/database/statements/orders/forget-customer";
import { createCustomerHash } from "@onsale/security/customer-hash";
import type { Service } from "@onsale/service/run-service";
import type { GatewayConfig } from "../config.ts";

const batchCountMax = 500;
/** A request is answered after about this time, however many orders there are. */
const workMaxMs = 5_000;
/** For orders that another transaction has locked. */
const pauseMinMs = 20;

export type Forgotten = Readonly<{
  orders: number;
  /** Whether the reference is gone from all orders that had it. */
  isComplete: boolean;
}>;

export type Customers = Readonly<{
  /** Erases the reference from the orders of the account, as far as time allows; a further call goes on. */
  forget: (accountId: number, customerRef: string) => Promise<Forgotten>;
}>;

/** Creates the customers that the gateway's settings ask for. */
export function createConfiguredCustomers(
  { config, metrics }: Pick<Service<GatewayConfig>, "config" | "metrics">,
  db: Db,
): Customers {
  const retries = metrics.counter("db_transaction_retries_total");
  return createCustomers(db, config.customerKey, (sqlstate) => retries.inc({ sqlstate }));
}

/** @param key CUSTOMER_KEY; with it, limits still count those who are forgotten */
function createCustomers(db: Db, key: Buffer | undefined, onRetry: (sqlstate: string) => void): Customers {
  const hash = key === undefined ? undefined : createCustomerHash(key);
  return {
    forget: async (accountId, customerRef) => {
      const customer = { accountId, customerRef, customer: hash?.(customerRef) ?? null };
      const endsAtMs = performance.now() + workMaxMs;
      for (let orders = 0; ; ) {
        const begunAtMs = performance.now();
        const { count, hasMore } = await withContentionRetries(
          () => forgetCustomer(db, customer, batchCountMax),
          onRetry,
        );
        orders += count;
        const endedAtMs = performance.now();
        if (!hasMore || endedAtMs > endsAtMs) return { orders, isComplete: !hasMore };
        // As long as the work, because webhooks are not relayed meanwhile.
        await delay(Math.max(pauseMinMs, endedAtMs - begunAtMs));
      }
    },
  };
}
