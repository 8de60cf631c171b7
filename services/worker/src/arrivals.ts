import { arrivedChannel, parseArrived } from "@onsale/database/channels";
import { createListener, type Listener, type ListenerOptions } from "@onsale/database/listen";
import type { Allocator } from "./allocator.ts";

/** Hands the allocator what gateways announce. What is missed meanwhile, its own looks and the gateways' jobs find. */
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
