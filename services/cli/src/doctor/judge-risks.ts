// Judges what slows down or endangers a PostgreSQL server that works; pure.
import type { ServerRisks } from "@onsale/database/statements/operations/read-server-risks";
import type { Snapshot, Snapshots } from "@onsale/database/statements/operations/read-snapshots";
import { count } from "../output/text.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

const mebibyte = 2 ** 20;
const sharedBuffersMin = 128 * mebibyte;
/** Below, the operating system's cache has all of it. */
const largeDatabaseBytes = 1_024 * mebibyte;
const snapshotMaxSeconds = 60;
/** A busy sale has some 500 a second. */
const snapshotMaxTransactions = 20_000;

export function judgeRisks(risks: ServerRisks, snapshots: Snapshots): Finding[] {
  return [judgeMemory(risks), judgeSnapshots(snapshots), judgeSettings(risks), judgeCollation(risks), judgeJit(risks)];
}

function judgeMemory({ sharedBuffersBytes, databaseBytes }: ServerRisks): Finding {
  const check = "memory";
  const inMebibytes = (bytes: number) => `${count(Math.round(bytes / mebibyte))} MB`;
  const detail = `shared_buffers = ${inMebibytes(sharedBuffersBytes)}; the database has ${inMebibytes(databaseBytes)}`;
  if (sharedBuffersBytes >= sharedBuffersMin || databaseBytes < largeDatabaseBytes) return ok(check, detail);
  return warning(check, detail, "Set shared_buffers to a quarter of the machine's memory.");
}

/** An old snapshot keeps every version of the rows that each batch rewrites. */
function judgeSnapshots({ snapshots }: Snapshots): Finding {
  const check = "snapshots";
  const old = snapshots.filter(isOld);
  if (old.length === 0) return ok(check, "no transaction, replica or slot holds an old one");
  const detail = `old versions of rows are kept by ${old.map(describeSnapshot).join(", ")}`;
  const advice = [...new Set(old.map(({ kind }) => howToEnd[kind]))].join(" ");
  return warning(check, detail, advice);
}

function isOld({ ageSeconds, ageTransactions }: Snapshot): boolean {
  return ageSeconds === null ? ageTransactions > snapshotMaxTransactions : ageSeconds > snapshotMaxSeconds;
}

const howToEnd: Readonly<Record<Snapshot["kind"], string>> = {
  transaction: "End the session: SELECT pg_terminate_backend(pid).",
  prepared: "End the prepared transaction: COMMIT PREPARED or ROLLBACK PREPARED.",
  replica: "End the long query on the replica, or set its hot_standby_feedback = off.",
  slot: "End the long query on the slot's replica, or drop the slot when the replica is gone.",
};

function describeSnapshot({ kind, name, ageSeconds, ageTransactions }: Snapshot): string {
  const what = kind === "transaction" ? `the transaction of pid ${name}` : `${kindNames[kind]} ${name}`;
  const age = ageSeconds === null ? `${count(ageTransactions)} transactions` : `${count(Math.round(ageSeconds))} s`;
  return `${what} (${age})`;
}

const kindNames = { prepared: "the prepared transaction", replica: "the replica of pid", slot: "the slot" } as const;

/** Only superusers may set them, so sessions cannot pin them. */
function judgeSettings({ dangerousSettings }: ServerRisks): Finding {
  const check = "settings";
  if (dangerousSettings.length === 0) return ok(check, "none hides damage or switches constraints off");
  const advice = "Reset them for the server, the database and the role; then look for damage: pg_amcheck.";
  return failed(check, `set, and dangerous: ${dangerousSettings.join(", ")}`, advice);
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
