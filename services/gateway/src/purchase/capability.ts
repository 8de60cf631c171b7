// Knows whether every process of the installation can do what this version can. During a deploy, processes of the
// version before still run; a worker of that version would decide a basket or a hold as a plain order. So such requests
// are refused until no older process has reported for a while.
import type { Db } from "@onsale/database/client";
import { capabilities, findLowestCapability } from "@onsale/database/statements/operations/lowest-capability";
import { startLoop } from "@onsale/lifecycle/loop";
import { ProblemError } from "../http/problem-error.ts";

export type Capability = Readonly<{
  /** False while a process runs that cannot do this, or while that is not known. */
  isComplete: (needed: number) => boolean;
  /** @throws ProblemError `upgrade-in-progress` unless `isComplete` */
  require: (needed: number) => void;
  close: () => Promise<void>;
}>;

const pauseMs = 1_000;
/** When the database has not answered for this long, an older process may have started meanwhile. */
const trustedMs = 15_000;

/** Reads the processes once before it returns, so that a gateway that is ready knows them. */
export async function openCapability(db: Db, onError: (error: Error) => void): Promise<Capability> {
  let readAtMs = performance.now();
  let lowest = await findLowestCapability(db);

  async function run(): Promise<void> {
    const begunAtMs = performance.now();
    lowest = await findLowestCapability(db);
    readAtMs = begunAtMs;
  }

  const loop = startLoop({ run, pauseMs, onError });
  const isComplete = (needed: number) => {
    return needed <= capabilities.plain || (lowest >= needed && performance.now() - readAtMs < trustedMs);
  };
  return {
    isComplete,
    require: (needed) => {
      if (isComplete(needed)) return;
      throw new ProblemError(
        "upgrade-in-progress",
        "Holds, baskets, changes of orders and rules of a sale wait until all processes have this version. Try again in a moment.",
      );
    },
    close: loop.close,
  };
}

/** The rules that gateways keep, and those that the lane keeps, in a request. */
type Rules = Readonly<
  Partial<Record<"salesStart" | "salesEnd" | "maxPerOrder", unknown>> &
    Partial<Record<"maxPerCustomer" | "offerSeconds" | "waitlistPolicy" | "pools" | "visibility", unknown>>
> &
  Readonly<{ paused?: boolean }>;

/**
 * Whether a request changes what a gateway or worker of the version before would ignore. To remove a rule that the lane
 * keeps counts as well: the event is one with rules from then on.
 */
export function setsRules({ salesStart, salesEnd, maxPerOrder, paused, ...ofLane }: Rules): boolean {
  const { maxPerCustomer, offerSeconds, waitlistPolicy, pools, visibility } = ofLane;
  const isGiven = [maxPerCustomer, offerSeconds, waitlistPolicy, pools, visibility].some((rule) => rule !== undefined);
  return isGiven || paused === true || [salesStart, salesEnd, maxPerOrder].some((rule) => rule != null);
}
