import { totalmem } from "node:os";

const megabyte = 1024 * 1024;
const buffersMinMb = 128;
const buffersMaxMb = 1_024;
const shareOfMemory = 1 / 8;

/**
 * The settings of the embedded server that differ from PostgreSQL's defaults, which suit small machines. Those of its
 * durability do not differ: `fsync`, `synchronous_commit` and `full_page_writes` stay on.
 *
 * Idempotency keys are random, so each insert changes a random page of their index. Large buffers keep these pages in
 * memory. The first change of a page after a checkpoint writes the whole page to the WAL, so checkpoints are rare.
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
