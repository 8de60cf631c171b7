import { arrivedChannel, parseBuckets } from "@onsale/database/announcements/channels";
import { createListener, type Listener, type ListenerOptions } from "@onsale/database/announcements/listen";
import type { Allocator } from "./allocator.ts";
import type { Returns } from "./returns.ts";

/**
 * Passes the arrivals and the returns that gateways announce to the parts that handle them. A lost announcement only
 * delays a batch by up to 10 ms, and a return by up to a second.
 */
export function listenForWork(
  connection: Omit<ListenerOptions, "handlers" | "onListening">,
  allocator: Pick<Allocator, "onArrived">,
  returns: Pick<Returns, "handlers">,
): Listener {
  return createListener({
    ...connection,
    handlers: {
      [arrivedChannel]: (payload) => allocator.onArrived(parseBuckets(payload)),
      ...returns.handlers,
    },
    onListening: () => undefined,
  });
}
