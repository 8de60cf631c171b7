// What purchases need for the rules that the lane keeps: access codes, customers' hashes, and events that can have a
// waiting list.
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { changeRules } from "@onsale/database/statements/rules/change-rules";
import { crashAt } from "@onsale/lifecycle/failpoints";
import { createCustomerHash } from "@onsale/security/customer-hash";
import type { Catalogue, CatalogueEvent } from "../catalogue/catalogue.ts";
import { createFindAccessCode } from "./access-codes.ts";

type LaneRuleParts = Readonly<{
  db: Db;
  readDb: Db;
  catalogue: Pick<Catalogue, "forget">;
  /** CUSTOMER_KEY. */
  customerKey: Buffer | undefined;
}>;

export function createLaneRules({ db, readDb, catalogue, customerKey }: LaneRuleParts) {
  /** The changes that run, by event: many purchases may come before the first one has changed it. */
  const running = new Map<number, Promise<void>>();

  async function giveRules({ id, code }: CatalogueEvent, accountId: number): Promise<void> {
    const owner = { accountId, eventId: id, eventCode: code, actor: "onsale" };
    await withContentionRetries(
      () => db.transaction().execute((tx) => changeRules(tx, owner, {})),
      () => undefined,
    );
    crashAt("purchase.event-ruled");
    catalogue.forget(accountId, code);
  }

  return {
    findAccessCode: createFindAccessCode(readDb, customerKey),
    hashCustomer: customerKey === undefined ? undefined : createCustomerHash(customerKey),
    makeRuled: (event: CatalogueEvent, accountId: number): Promise<void> => {
      const begun = running.get(event.id) ?? giveRules(event, accountId).finally(() => running.delete(event.id));
      running.set(event.id, begun);
      return begun;
    },
  };
}
