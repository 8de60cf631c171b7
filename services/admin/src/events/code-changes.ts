// Makes and revokes access codes for the people of the console.
import type { NewAccessCodes } from "@onsale/contracts/access-code";
import type { Db } from "@onsale/database/client";
import {
  type AccessCodeRow,
  createAccessCodes,
  revokeAccessCode,
} from "@onsale/database/statements/rules/access-codes";
import { hashAccessCode, hintOf, makeAccessCode } from "@onsale/security/access-code";
import { HttpError } from "../errors/http-error.ts";
import { type ChangedEvent, type ChangeEvent, requireAlive, requireTypes } from "./event-changes.ts";

export type CodeChanges = Readonly<{
  /** Whether codes can be made: whether the service has CUSTOMER_KEY. */
  canCreate: boolean;
  /**
   * @returns the codes, which nothing but this answer has
   * @throws HttpError
   */
  create: (changed: ChangedEvent, wish: NewAccessCodes) => Promise<string[]>;
  /** @throws HttpError */
  revoke: (changed: ChangedEvent, id: number) => Promise<AccessCodeRow>;
}>;

const keyMissing =
  "Codes cannot be made: start the admin service with the CUSTOMER_KEY of the gateways and workers. Codes are stored " +
  "under a hash with this key.";

/** @param key CUSTOMER_KEY; undefined when the service has none */
export function createCodeChanges(db: Db, changeOne: ChangeEvent, key: Buffer | undefined): CodeChanges {
  return {
    canCreate: key !== undefined,

    create: async (changed, wish) => {
      if (key === undefined) throw new HttpError(409, keyMissing);
      const codes = chooseCodes(wish);
      const { ticketTypes, maxUses, maxPerOrder = null } = wish;
      const rows = codes.map((code) => {
        return { digest: hashAccessCode(key, code), hint: hintOf(code), ticketTypes, maxUses, maxPerOrder };
      });
      return changeOne(changed, async (owner, event) => {
        requireAlive(event);
        requireTypes(event, ticketTypes);
        await db.transaction().execute(async (tx) => {
          const created = await createAccessCodes(tx, owner, rows);
          if (created === null) throw new HttpError(409, "The event has this access code already.");
        });
        return codes;
      });
    },

    revoke: (changed, id) =>
      changeOne(changed, (owner) => {
        return db.transaction().execute(async (tx) => {
          const row = await revokeAccessCode(tx, owner, id);
          if (row === undefined) throw new HttpError(404, "The event has no such access code.");
          return row;
        });
      }),
  };
}

function chooseCodes({ code, count }: NewAccessCodes): string[] {
  if ((code === undefined) === (count === undefined)) {
    throw new HttpError(400, "Give a code of your own, or say how many are to be made.");
  }
  return code === undefined ? Array.from({ length: count ?? 0 }, makeAccessCode) : [code];
}
