// How long a request may take to arrive at a server.
/** Node's default is 30 s: a request of 10 s at most could take 40 s. */
const checkIntervalMs = 1_000;

/**
 * Options of a `node:http` server that limit the time in which a client sends a request, head and body. Node applies
 * the longer of the two timeouts to the whole request, and its default for the head is 60 s, so both are set.
 */
export function requestTimeouts(maxMs: number) {
  return { requestTimeout: maxMs, headersTimeout: maxMs, connectionsCheckingInterval: checkIntervalMs };
}
