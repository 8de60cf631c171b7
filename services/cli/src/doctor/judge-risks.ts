// Judges what slows down or endangers a PostgreSQL server that works; pure.
import type { ServerRisks } from "@onsale/database/statements/operations/read-server-risks";
import { count } from "../output/text.ts";
import { type Finding, ok, warning } from "./finding.ts";

const mebibyte = 2 ** 20;
const sharedBuffersMin = 128 * mebibyte;
/** Below, the operating system's cache has all of it. */
const largeDatabaseBytes = 1_024 * mebibyte;
const snapshotMaxSeconds = 60;

export function judgeRisks(risks: ServerRisks): Finding[] {
  return [judgeMemory(risks), judgeSnapshots(risks), judgeCollation(risks), judgeJit(risks)];
}

function judgeMemory({ sharedBuffersBytes, databaseBytes }: ServerRisks): Finding {
  const check = "memory";
  const inMebibytes = (bytes: number) => `${count(Math.round(bytes / mebibyte))} MB`;
  const detail = `shared_buffers = ${inMebibytes(sharedBuffersBytes)}; the database has ${inMebibytes(databaseBytes)}`;
  if (sharedBuffersBytes >= sharedBuffersMin || databaseBytes < largeDatabaseBytes) return ok(check, detail);
  return warning(check, detail, "Set shared_buffers to a quarter of the machine's memory.");
}

/** Rows that each batch rewrites get slow while somebody's old snapshot keeps their versions. */
function judgeSnapshots({ oldestSnapshotSeconds }: ServerRisks): Finding {
  const check = "snapshots";
  if (oldestSnapshotSeconds <= snapshotMaxSeconds) return ok(check, "no transaction is older than a minute");
  const advice = "End it: select * from pg_stat_activity (and pg_prepared_xacts) order by xact_start.";
  return warning(check, `a transaction is ${count(Math.round(oldestSnapshotSeconds))} s old; sales get slow`, advice);
}

function judgeCollation({ isCollationChanged }: ServerRisks): Finding {
  const check = "collation";
  if (!isCollationChanged) return ok(check, "it is the one that the database was created with");
  const advice = "Run REINDEX DATABASE, then ALTER DATABASE ... REFRESH COLLATION VERSION.";
  return warning(check, "it changed with the operating system; indexes on text may miss rows", advice);
}

function judgeJit({ hasJit }: ServerRisks): Finding {
  return ok("jit", hasJit ? "it is on, and the services' sessions switch it off" : "it is off");
}
