// A sale on a database whose disk is full for a while.
import { strict as assert } from "node:assert";
import { createOwnPostgres, createServerFolder } from "../../database/servers/own-postgres.ts";
import { fillWal, mountSmallDisk, moveWal } from "../../database/servers/small-disk.ts";
import { createApi } from "../../http/api.ts";
import { untilTrue } from "../../until.ts";
import { untilAllDecided } from "../installation.ts";
import { startGateway, startWorker } from "../services.ts";
import { assertKept, startBuyers } from "./buyers.ts";

const refusedCount = 500;
/** Of one process, for all refused purchases: one line for each of them would be more than twice as much. */
const logBytesMax = 100_000;
/** A server that ended is started again by its keeper, after at most 10 s. */
const recoveryMaxMs = 30_000;
const settings = { shared_buffers: "32MB", min_wal_size: "32MB", max_wal_size: "48MB" };

type Content = "data" | "WAL";

/** A server whose data or WAL is on a small disk, and how to fill that disk. */
async function startOnSmallDisk(content: Content) {
  const disk = mountSmallDisk(content === "data" ? 160 : 64);
  const folder = content === "data" ? disk.folder : createServerFolder();
  const postgres = await createOwnPostgres({ folder, settings });
  moveWal(postgres, content === "data" ? createServerFolder() : disk.folder);
  await postgres.start();
  const fill = async () => (content === "data" ? disk.fill(128) : fillWal(disk, postgres.url));
  return { databaseUrl: postgres.url, fill, makeRoom: disk.makeRoom };
}

/**
 * Sells until the disk with the data or the WAL is full, and on after there is room. Fails unless nothing that was
 * accepted is lost, purchases are refused with 503 meanwhile, and the logs stay short.
 */
export async function sellThroughFullDisk(content: Content): Promise<void> {
  const { databaseUrl, fill, makeRoom } = await startOnSmallDisk(content);
  const environment = { DATABASE_URL: databaseUrl };
  const services = await Promise.all([startGateway(environment), startWorker(environment)]);
  const api = createApi(services[0].url);
  const eventCode = await api.createEvent({ STANDARD: 1_000_000 });
  const buyers = startBuyers(api, eventCode);
  await untilTrue("tickets are sold", () => buyers.accepted.size > 50);

  await fill();
  const isRefused = () => (buyers.statuses.get(503) ?? 0) > refusedCount;
  await untilTrue("purchases are refused", isRefused, 60_000);
  const logged = services.map((service) => service.logBytes());
  assert(Math.max(...logged) < logBytesMax, `gateway and worker logged ${logged.join(" and ")} bytes`);

  makeRoom();
  const soldBefore = buyers.accepted.size;
  await untilTrue("tickets are sold again", () => buyers.accepted.size > soldBefore + 50, recoveryMaxMs);
  await buyers.stop();
  await untilAllDecided(api, eventCode, recoveryMaxMs);
  await assertKept(buyers, api, eventCode);
}
