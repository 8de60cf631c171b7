import { totalmem } from "node:os";

const megabyte = 1024 * 1024;
const buffersMinMb = 128;
const buffersMaxMb = 1_024;
const shareOfMemory = 1 / 8;

/**
 * How the embedded server differs from PostgreSQL's defaults, which are made for small machines. Its durability does not:
 * `fsync`, `synchronous_commit` and `full_page_writes` stay on.
 *
 * Keys of orders are random, so an order's place in their index is a page that was not touched lately: it should be in
 * memory, and it goes into the WAL whole the first time after each checkpoint, so checkpoints should be seldom.
 */
export function tunedSettings(memoryBytes = totalmem()): Record<string, string> {
  const buffersMb = Math.floor((memoryBytes / megabyte) * shareOfMemory);
  return {
    shared_buffers: `${Math.min(buffersMaxMb, Math.max(buffersMinMb, buffersMb))}MB`,
    max_wal_size: "4GB",
    min_wal_size: "512MB",
    checkpoint_timeout: "15min",
  };
}
