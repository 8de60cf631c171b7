// Finds the access codes that purchases name.
import type { Db } from "@onsale/database/client";
import { type FoundCode, findAccessCodes } from "@onsale/database/statements/rules/access-codes";
import { hashAccessCode } from "@onsale/security/access-code";
import { createGroupedRead } from "../batching/grouped-read.ts";
import { ProblemError } from "../http/problem-error.ts";

/** @returns undefined when the event has no such code, or it is revoked */
export type FindAccessCode = (eventId: number, code: string) => Promise<FoundCode | undefined>;

type CodeRef = Readonly<{ eventId: number; digest: Buffer }>;

const slotCount = 1;
const groupSizeMax = 1_000;

/** @param key CUSTOMER_KEY */
export function createFindAccessCode(db: Db, key: Buffer | undefined): FindAccessCode {
  const keyOf = ({ eventId, digest }: CodeRef) => `${eventId} ${digest.toString("hex")}`;
  const read = createGroupedRead({
    slotCount,
    groupSizeMax,
    readAll: async (codes: readonly CodeRef[]) => {
      const found = new Map((await findAccessCodes(db, codes)).map((code) => [keyOf(code), code]));
      return (code) => found.get(keyOf(code));
    },
  });
  return (eventId, code) => {
    if (key === undefined) throw keyMissingProblem();
    return read({ eventId, digest: hashAccessCode(key, code) });
  };
}

/** The answer to what needs a hash, from a gateway that cannot make it. */
export function keyMissingProblem(): ProblemError {
  return new ProblemError("customer-key-missing", "Start the gateways and workers with CUSTOMER_KEY.");
}
