// Moves the orders of a past event to a file. A run is in one of these states, and one that was killed goes on in the
// same state when the command is run again:
// `unwritten`: there is no file of that name; it is written beside its place, and gets its name when it is on disk;
// `written`: the file is read back and verified, and the database is asked whether the orders are still the same;
// `deleting`: a row of `archives` says which file is verified; that file is verified again, and orders that are in it
//   are deleted as long as they are as the file has them;
// `finished`: no order of the file is left, but for those that have changed since.
import { existsSync } from "node:fs";
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { listAccounts } from "@onsale/database/statements/access/list-accounts";
import { type ArchivedOrder, deleteArchivedOrders } from "@onsale/database/statements/archives/delete-archived-orders";
import {
  type ArchiveState,
  readArchiveFacts,
  readArchiveState,
} from "@onsale/database/statements/archives/read-archive-state";
import { finishArchive, readArchives, recordArchive } from "@onsale/database/statements/archives/record-archive";
import { CommandError } from "../output/failure.ts";
import { count } from "../output/text.ts";
import { readArchiveFile } from "./read-file.ts";
import { createRest } from "./rest.ts";
import { type Verified, verifyArchiveFile } from "./verify-file.ts";
import { writeArchiveFile } from "./write-file.ts";

export type ArchiveRequest = Readonly<{ account: string; event: string; file: string }>;

export type Archived = Readonly<{
  eventCode: string;
  file: string;
  digest: string;
  /** Orders in the file. */
  orders: number;
  /** Orders of the event that are still in the database. */
  left: number;
}>;

type Progress = Readonly<{ note: (text: string) => void; stop: AbortSignal }>;

const deleteCountMax = 500;
const noteEvery = 20_000;

/** @throws CommandError when the event cannot be archived, or the file is not what it should be */
export async function archiveEvent(db: Db, request: ArchiveRequest, progress: Progress): Promise<Archived> {
  const { event, file } = request;
  const state = await requireState(db, request);
  const { eventId } = state;
  const archives = await readArchives(db, eventId);
  const unfinished = archives.find(({ isFinished }) => !isFinished);
  if (unfinished === undefined && state.facts.orderCount === 0) return alreadyArchived(event, file, archives);
  if (unfinished === undefined) {
    requireSettled(event, state);
    if (!existsSync(file)) await write(db, state, file, progress);
  }
  const verified = await verify(file, event, eventId, progress);
  let archiveId = unfinished?.id;
  if (unfinished === undefined) {
    const now = await readArchiveFacts(db, eventId);
    if (JSON.stringify(now) !== JSON.stringify(verified.facts)) throw outdated(file);
    const { digest } = verified;
    archiveId = await recordArchive(db, eventId, { file, digest, orderCount: verified.facts.orderCount });
  } else if (unfinished.digest !== verified.digest) {
    throw new CommandError(
      `${file} is not the file whose orders are being deleted: that is ${unfinished.file}.`,
      `Run it with that file, whose digest is ${unfinished.digest}.`,
    );
  }
  if (archiveId === undefined) throw new CommandError(`${event} is being archived by another command.`);
  progress.note("Recorded. The orders are deleted now.");
  await deleteOrders(db, archiveId, file, progress);
  await finishArchive(db, archiveId);
  const { orderCount: left } = await readArchiveFacts(db, eventId);
  return { eventCode: event, file, digest: verified.digest, orders: verified.facts.orderCount, left };
}

async function requireState(db: Db, { account, event }: ArchiveRequest): Promise<ArchiveState> {
  const found = (await listAccounts(db)).find(({ name }) => name === account);
  if (found === undefined) throw new CommandError(`There is no account with the name ${account}.`);
  const state = await readArchiveState(db, found.id, event);
  if (state !== undefined) return state;
  throw new CommandError(`The account ${account} has no event ${event}.`, "See: onsale events list");
}

function alreadyArchived(event: string, file: string, archives: readonly { file: string; digest: string }[]): Archived {
  const last = archives.at(-1);
  if (last === undefined) throw new CommandError(`${event} has no orders to archive.`);
  if (last.file !== file) {
    throw new CommandError(`The orders of ${event} are archived already, in ${last.file}.`);
  }
  return { eventCode: event, file, digest: last.digest, orders: 0, left: 0 };
}

/** @throws CommandError that says what is still to happen to the orders */
function requireSettled(event: string, state: ArchiveState): void {
  const { hasEnded, isSaleOver, countByStatus, unappliedCount, undeliveredCount } = state;
  const refuse = (why: string, advice: string) => {
    throw new CommandError(`${event} cannot be archived yet: ${why}.`, advice);
  };
  if (!hasEnded) refuse("it has not ended", "Archive it after its endTime.");
  if (!isSaleOver) refuse("its sale has no end that has passed", "Give it a salesEnd: PATCH /events/CODE");
  const { PENDING = 0, HELD = 0, WAITING = 0 } = countByStatus;
  if (PENDING + HELD + WAITING > 0) {
    const counts = `${count(PENDING)} pending, ${count(HELD)} held, ${count(WAITING)} waiting`;
    refuse(`some orders can still change (${counts})`, "Wait until the workers have decided them, or cancel them.");
  }
  if (unappliedCount > 0) refuse("returns, late payments or its cancellation are not applied", "Is a worker running?");
  if (undeliveredCount > 0) {
    const webhooks = `${count(undeliveredCount)} webhooks about its orders are not delivered`;
    refuse(webhooks, "Wait until they are, or disable their endpoint: onsale webhooks list");
  }
}

async function write(db: Db, state: ArchiveState, file: string, { note, stop }: Progress): Promise<void> {
  let notedCount = 0;
  note(`Writing ${count(state.facts.orderCount)} orders to ${file}`);
  await writeArchiveFile(db, state.eventId, file, (orderCount, { orderCount: all }) => {
    stop.throwIfAborted();
    if (orderCount - notedCount < noteEvery) return;
    notedCount = orderCount;
    note(`Wrote ${count(orderCount)} of ${count(all)} orders`);
  });
  note("Written. It is read back now.");
}

/** @throws CommandError when the file is not a sound archive of this event */
async function verify(file: string, event: string, eventId: number, { note }: Progress): Promise<Verified> {
  const verified = await verifyArchiveFile(file);
  if (verified.eventId !== eventId) throw new CommandError(`${file} is an archive of ${verified.eventCode}.`);
  const [fault] = verified.faults;
  if (fault !== undefined) {
    throw new CommandError(
      `${file} does not explain the orders of ${event}: ${fault}.`,
      "Orders may have changed while it was written: remove it and try again. Else see: onsale audit CODE",
    );
  }
  note(`Verified: ${count(verified.facts.orderCount)} orders, digest ${verified.digest}`);
  return verified;
}

function outdated(file: string): CommandError {
  return new CommandError(
    `Orders have changed since ${file} was written. Nothing was deleted.`,
    "Run the command again with another file.",
  );
}

async function deleteOrders(db: Db, archiveId: number, file: string, { note, stop }: Progress): Promise<void> {
  const rest = createRest();
  let batch: ArchivedOrder[] = [];
  let readCount = 0;
  const remove = async () => {
    stop.throwIfAborted();
    await withContentionRetries(
      () => deleteArchivedOrders(db, archiveId, batch),
      () => undefined,
    );
    readCount += batch.length;
    if (readCount % noteEvery < batch.length) note(`Deleted ${count(readCount)} orders`);
    batch = [];
    await rest();
  };
  await readArchiveFile(file, async (line) => {
    if (line.kind !== "order") return;
    const { id, version } = line.row;
    batch.push({ id, version, paymentCount: line.payments.length });
    if (batch.length === deleteCountMax) await remove();
  });
  if (batch.length > 0) await remove();
}
