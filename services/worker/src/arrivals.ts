import { arrivedChannel, parseArrived } from "@onsale/database/channels";
import { createListener, type Listener, type ListenerOptions } from "@onsale/database/listen";
import type { Allocator } from "./allocator.ts";

/**
 * Passes the arrivals that gateways announce to the allocator. A lost announcement only delays a batch by up to 10 ms.
 */
export function listenForArrivals(
  connection: Omit<ListenerOptions, "handlers" | "onListening">,
  allocator: Pick<Allocator, "onArrived">,
): Listener {
  return createListener({
    ...connection,
    handlers: { [arrivedChannel]: (payload) => allocator.onArrived(parseArrived(payload)) },
    onListening: () => undefined,
  });
}
