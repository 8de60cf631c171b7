/** Node looks only every 30 s otherwise, and would let a request take three times as long as it may. */
const checkMs = 1_000;

/**
 * Options of a `node:http` server for how long a request may take to arrive, head and body. Both limits have to be given:
 * Node takes the longer one for the whole request, and its own for the head is 60 s.
 */
export function arrivalLimits(maxMs: number) {
  return { requestTimeout: maxMs, headersTimeout: maxMs, connectionsCheckingInterval: checkMs };
}
