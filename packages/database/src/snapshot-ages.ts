// How old the oldest snapshot of each kind is. PostgreSQL knows when a transaction began, but of a replica or a slot
// only the first transaction whose changes it may not see yet. So this remembers which transactions there were when.
import type { Db } from "./client.ts";
import { readSnapshots, type Snapshot } from "./statements/operations/read-snapshots.ts";

export type SnapshotAges = Readonly<Record<Snapshot["kind"], number>>;

/** Ages reach back for some hours; older snapshots have the age of the first mark. */
const markCountMax = 1_000;
const markIntervalMs = 10_000;

/**
 * Creates a function that reads the age in seconds of the oldest snapshot of each kind, 0 without any. The ages of
 * replicas and slots begin with its first call, and are exact to its interval or 10 s.
 *
 * @param now a monotonic clock, in milliseconds
 */
export function createSnapshotAges(db: Db, now = () => performance.now()): () => Promise<SnapshotAges> {
  /** How many transactions there had been at a time, rising. */
  const marks: { transactionCount: number; atMs: number }[] = [];

  return async () => {
    const { snapshots, transactionCount } = await readSnapshots(db);
    const nowMs = now();
    const last = marks.at(-1);
    if (last === undefined || (nowMs - last.atMs >= markIntervalMs && transactionCount > last.transactionCount)) {
      marks.push({ transactionCount, atMs: nowMs });
      if (marks.length > markCountMax) marks.splice(1, 1);
    }
    const ageOf = ({ ageSeconds, ageTransactions }: Snapshot): number => {
      if (ageSeconds !== null) return ageSeconds;
      const mark = marks.find((one) => one.transactionCount > transactionCount - ageTransactions);
      return mark === undefined ? 0 : (nowMs - mark.atMs) / 1_000;
    };
    const oldest = (kind: Snapshot["kind"]) =>
      Math.max(0, ...snapshots.filter((snapshot) => snapshot.kind === kind).map(ageOf));
    return {
      transaction: oldest("transaction"),
      prepared: oldest("prepared"),
      replica: oldest("replica"),
      slot: oldest("slot"),
    };
  };
}
