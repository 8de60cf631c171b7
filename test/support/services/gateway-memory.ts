import { strict as assert } from "node:assert";
import { gatewaySettings } from "@onsale/gateway/config";

/** Measured: 5,000 waiting requests took 320 MB in one gateway (docs/scaling.md). */
const mebibytesPerWaiter = 320 / 5_000;
/** Node's memory outside the heap: code, buffers, threads. */
const outsideHeapMebibytes = 200;

/**
 * Fails unless the memory of a gateway with these settings is enough for all of its wait slots.
 *
 * @param limit the memory limit of its container, such as 512M or 1Gi
 */
export function assertMemoryForWaiters(environment: Readonly<Record<string, string>>, limit: string): void {
  const { NODE_OPTIONS = "", WAITERS_MAX } = environment;
  const heap = Number(/--max-old-space-size=(\d+)/.exec(NODE_OPTIONS)?.[1]);
  const [, size = "", unit] = /^(\d+)([MG])i?$/.exec(limit) ?? [];
  const limitMebibytes = Number(size) * (unit === "G" ? 1_024 : 1);
  const waiters = gatewaySettings.waitersMax.parse(WAITERS_MAX);
  assert(heap >= waiters * mebibytesPerWaiter, `a heap of ${heap} MB is too small for ${waiters} wait slots`);
  assert(limitMebibytes >= heap + outsideHeapMebibytes, `${limit} is too small for a heap of ${heap} MB`);
}
