// The disk of PostgreSQL.
import { setTimeout as delay } from "node:timers/promises";
import { fillWal } from "../../support/database/servers/small-disk.ts";
import type { FaultKind } from "./fault.ts";
import { untilAnswers } from "./postgres-faults.ts";

const fullMinMs = 200;
const fullMaxMs = 3_000;

/** PostgreSQL ends by itself, and cannot start before there is room. */
const walDiskIsFull: FaultKind = {
  name: "the disk with PostgreSQL's WAL is full",
  group: "PostgreSQL",
  delaysHolds: true,
  inject: async (context) => {
    const { walDisk, databaseUrl } = context.stack;
    if (walDisk === undefined) return 0;
    try {
      await fillWal(walDisk, databaseUrl);
      await delay(context.drawMs(fullMinMs, fullMaxMs));
    } finally {
      walDisk.makeRoom();
      await untilAnswers(context);
    }
    return 1;
  },
};

/** Faults where the WAL is on a disk of its own. */
export const diskFaults: readonly FaultKind[] = [walDiskIsFull];
